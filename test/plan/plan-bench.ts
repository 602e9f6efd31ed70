import type { IgnoreRule } from "../../src/api/environment/rollout-spec.ts";
import { type Cluster, createWatchHub } from "../../src/cluster/index.ts";
import { canonicalJson } from "../../src/model/json/json.ts";
import type { KubeObject, Manifest } from "../../src/model/manifest.ts";
import { groupOf } from "../../src/model/object-id.ts";
import type { Plan } from "../../src/model/plan.ts";
import {
  type ApplyTarget,
  createComparisonCache,
  createEvidenceView,
  createLiveView,
  maintain,
  noOwnershipPeers,
  type Prepared,
  prepare,
  unlimitedSlot,
} from "../../src/rollout/index.ts";
import { vouchAsKeyHolder } from "../../src/seal/index.ts";

/** An environment of objects at hand, planned and run as the agent does, without an agent. */
export interface PlanBench {
  plan(objects: readonly KubeObject[], ignore?: readonly IgnoreRule[]): Promise<Plan>;
  /** Plans, and writes what the plan says. */
  run(objects: readonly KubeObject[], ignore?: readonly IgnoreRule[]): Promise<void>;
  close(): Promise<void>;
}

/** A bench over a cluster. It remembers from one pass to the next what the agent would. */
export function createBench(cluster: Cluster): PlanBench {
  const { signal } = new AbortController();
  const inventory = { entries: [] };
  const policy = { prune: true, force: false, guard: undefined, approved: undefined };
  const owner = { name: "bench", namespace: "default" };
  const watches = createWatchHub(cluster);
  const target: ApplyTarget = {
    cluster,
    watches,
    view: createLiveView(watches, owner),
    evidence: createEvidenceView(watches),
    vouch: async (manifests) => vouchAsKeyHolder(manifests),
    owner,
    comparisons: createComparisonCache(),
    ignore: [],
    healthRules: undefined,
    externalChecks: [],
    ownershipPeers: noOwnershipPeers,
    slot: unlimitedSlot,
  };
  const prepareFor = (objects: readonly KubeObject[], ignore: readonly IgnoreRule[]): Promise<Prepared> => {
    const stages = [{ name: "", timeoutMs: 10_000, manifests: objects.map(manifestOf) }];
    const unseal = async (manifests: readonly Manifest[]) => manifests;
    return prepare({ ...target, ignore }, { stages, inventory, policy, unseal }, signal);
  };
  return {
    plan: async (objects, ignore = []) => (await prepareFor(objects, ignore)).plan,
    async run(objects, ignore = []) {
      const prepared = await prepareFor(objects, ignore);
      await maintain(target, prepared, { revision: "r", behind: false, inventory, drift: "correct" }, signal);
    },
    async close() {
      await target.view.close();
      await watches.close();
    },
  };
}

function manifestOf(object: KubeObject): Manifest {
  const { name, namespace = "" } = object.metadata;
  const id = { group: groupOf(object.apiVersion), kind: object.kind, namespace, name };
  return { id, object, origin: { file: `${name}.yaml`, chain: [] }, sensitive: false, digest: canonicalJson(object) };
}
