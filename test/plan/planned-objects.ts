import { canonicalJson, type JsonObject } from "../../src/model/json/json.ts";
import type { KubeObject, Manifest } from "../../src/model/manifest.ts";
import { formatId, groupOf, type ObjectId } from "../../src/model/object-id.ts";
import type { Action } from "../../src/model/plan.ts";
import { withOwner } from "../../src/plan/ownership/owner.ts";
import { makePlan } from "../../src/plan/plan.ts";
import type { Observed, PlanInput } from "../../src/plan/plan-input.ts";

/** Who plans, in these tests. */
export const owner = { name: "production", namespace: "mooring-system" };
/** Another Environment. */
export const another = { name: "staging", namespace: "mooring-system" };

type Meta = { readonly annotations?: Readonly<Record<string, string>> };

/** An object of one of a few kinds in the namespace `shop`. */
export function object(kind: string, name: string, data: JsonObject = {}, meta: Meta = {}): KubeObject {
  return {
    apiVersion: kind === "Deployment" ? "apps/v1" : "v1",
    kind,
    metadata: { name, namespace: "shop", ...meta },
    data,
  };
}

/** An object as it is wanted, with the labels of the owner. */
export function manifest(wanted: KubeObject, sensitive = false): Manifest {
  const { kind, apiVersion, metadata } = wanted;
  const id = { group: groupOf(apiVersion), kind, namespace: metadata.namespace ?? "", name: metadata.name };
  const digest = canonicalJson(wanted);
  return withOwner(
    { id, object: wanted, origin: { file: `${id.name}.yaml`, line: 1, chain: [] }, sensitive, digest },
    owner,
  );
}

/** A live object with the labels of an owner. */
export const owned = (wanted: KubeObject, by = owner): KubeObject => withOwner({ ...manifest(wanted) }, by).object;
/** The inventory id. */
export const keyOf = ({ id }: { readonly id: ObjectId }) => formatId(id);

/** What a plan depends on, with nothing special about it. */
export function inputOf(manifests: readonly Manifest[], observed: readonly (readonly [string, Observed])[]): PlanInput {
  return {
    stages: [{ name: "", manifests }],
    observed: new Map(observed),
    inventory: { entries: [] },
    owner,
    prune: true,
    force: false,
    guard: undefined,
    approved: undefined,
  };
}

/** The plan of one object that is to be there. */
export function actionFor(wanted: Manifest, seen: Observed, more: Partial<PlanInput> = {}): Action | undefined {
  return makePlan({ ...inputOf([wanted], [[keyOf(wanted), seen]]), ...more }).actions[0]?.action;
}
