/** A conversion that does not work is mended by the commit that mends it, and taken for nothing else. */
import { expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { ownerLabels } from "../../api/names.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { prepare } from "../prepare.ts";

const never = new AbortController().signal;
const group = "conversion.example";

const widget = (name: string): KubeObject => ({
  apiVersion: `${group}/v2`,
  kind: "Widget",
  metadata: { name, namespace: "shop" },
});

const definition = (strategy: string): KubeObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `widgets.${group}` },
  spec: { group, names: { kind: "Widget" }, scope: "Namespaced", conversion: { strategy } },
});

/** As the API server says it (kubernetes 1.34, a webhook that nobody listens at). */
const broken = () =>
  new Failure("ClusterBusy", {
    message: `the API server answers HTTP 500: conversion webhook for ${group}/v1, Kind=Widget failed: Post "https://127.0.0.1:9/": connection refused`,
  });

/** A cluster whose Widgets can be neither listed nor read nor changed, and a revision with `objects`. */
async function planFor(objects: readonly KubeObject[], inventory: readonly string[] = []) {
  const fake = new FakeCluster();
  const labels = { [ownerLabels.name]: "own", [ownerLabels.namespace]: "mooring-system" };
  const live = definition("Webhook");
  fake.put({ ...live, metadata: { ...live.metadata, labels } });
  const unconverted = ({ kind }: { readonly kind: string }) => {
    if (kind === "Widget") throw broken();
  };
  const cluster: Cluster = {
    ...fake.cluster,
    get: async (ref, signal) => {
      unconverted(ref);
      return fake.cluster.get(ref, signal);
    },
    apply: async (object, options, signal) => {
      unconverted(object);
      return fake.cluster.apply(object, options, signal);
    },
  };
  const { view } = fake.target();
  const track: typeof view.track = async (kinds) => {
    for (const { type } of kinds) unconverted(type);
  };
  const policy = { prune: true, force: false, guard: undefined, approved: undefined };
  const stages = [{ name: "", timeoutMs: 60_000, manifests: objects.map(manifestOf) }];
  const unseal = async (each: readonly Manifest[]) => each;
  const entries = inventory.map((id) => ({ id, v: "v2" }));
  const target = fake.target({ cluster, view: { ...view, track } });
  return prepare(target, { stages, inventory: { entries }, policy, unseal }, never);
}

test("what it keeps from being seen is judged when its definition has been written", async () => {
  const { plan, deferred } = await planFor([definition("None"), widget("one")]);
  expect([...deferred]).toEqual([`shop_one_${group}_Widget`]);
  expect(plan.actions.map(({ id, action }) => [id.kind, action.type])).toEqual([
    ["CustomResourceDefinition", "update"],
    ["Widget", "create"],
  ]);
});

test("what is not desired any more stays the environment's own, until it can be seen", async () => {
  const { plan } = await planFor([definition("None")], [`shop_old_${group}_Widget`]);
  const [, removal] = plan.actions;
  expect(removal).toMatchObject({ id: { name: "old" }, action: { type: "orphan", remembered: "owned" } });
});

test.each<readonly [string, readonly KubeObject[], readonly string[]]>([
  ["a definition that stays as it is", [definition("Webhook"), widget("one")], []],
  [
    "a definition that stays as it is, and something to be deleted",
    [definition("Webhook")],
    ["shop_old_conversion.example_Widget"],
  ],
  ["no definition", [widget("one")], []],
])("it is an error of the way there beside %s", async (_what, objects, inventory) => {
  await expect(planFor(objects, inventory)).rejects.toMatchObject({ code: "ClusterBusy" });
});
