/** An object is there in every version of its kind, also in one that only the revision itself brings. */
import { expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { ownerLabels } from "../../api/names.ts";
import type { InventoryEntry } from "../../model/inventory.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { prepare } from "../prepare.ts";

const never = new AbortController().signal;
const group = "versions.example";
const key = `shop_one_${group}_Gadget`;

const labelled = (name: string) => ({ [ownerLabels.name]: name, [ownerLabels.namespace]: "mooring-system" });

const gadget = (version: string, size: number, metadata: Partial<KubeObject["metadata"]> = {}): KubeObject => ({
  apiVersion: `${group}/${version}`,
  kind: "Gadget",
  metadata: { name: "one", namespace: "shop", ...metadata },
  spec: { size },
});

const definition = (...versions: readonly string[]): KubeObject => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `gadgets.${group}` },
  spec: {
    group,
    names: { kind: "Gadget" },
    scope: "Namespaced",
    versions: versions.map((name) => ({ name, served: true })),
  },
});

/** A cluster that serves `v1`, and a revision that brings `v2` and names the object in it. */
async function planFor(live: KubeObject, desired: KubeObject, entries: readonly InventoryEntry[] = []) {
  const fake = new FakeCluster();
  fake.served = [
    [`${group}/v1`, "Gadget"],
    ["apiextensions.k8s.io/v1", "CustomResourceDefinition"],
  ];
  fake.put(definition("v1"));
  fake.put(live);
  const policy = { prune: true, force: false, guard: undefined, approved: undefined };
  const manifests = [definition("v1", "v2"), desired].map(manifestOf);
  const stages = [{ name: "", timeoutMs: 60_000, manifests }];
  const unseal = async (each: readonly Manifest[]) => each;
  const target = fake.target({ ignore: [{ target: { kind: "Gadget" }, paths: ["/spec/size"] }] });
  return prepare(target, { stages, inventory: { entries }, policy, unseal }, never);
}

const actionOf = ({ plan }: Awaited<ReturnType<typeof planFor>>) =>
  plan.actions.find(({ id }) => id.kind === "Gadget")?.action;

test.each([
  ["mooring.dev/ssa", "IfNotPresent"],
  ["mooring.dev/ssa", "Ignore"],
  ["mooring.dev/reconcile", "disabled"],
])("%s: %s leaves it as it is", async (name, value) => {
  const prepared = await planFor(gadget("v1", 77), gadget("v2", 5, { annotations: { [name]: value } }));
  expect(actionOf(prepared)).toMatchObject({ type: "skip" });
});

test("what it says of itself holds", async () => {
  const annotations = { "mooring.dev/reconcile": "disabled" };
  expect(actionOf(await planFor(gadget("v1", 77, { annotations }), gadget("v2", 5)))).toMatchObject({ type: "skip" });
});

test("another Environment's is refused before the first write", async () => {
  const live = gadget("v1", 77, { labels: labelled("other") });
  await expect(planFor(live, gadget("v2", 5))).rejects.toMatchObject({ code: "OwnedByAnother" });
});

test("one that may be written is changed, not made, and judged when its version is served", async () => {
  const prepared = await planFor(gadget("v1", 77), gadget("v2", 5));
  expect(actionOf(prepared)).toMatchObject({ type: "update", found: true });
  expect([...prepared.deferred]).toEqual([key]);
  // A field that is left to others is not set, as it is there.
  expect(prepared.observation.objects.get(key)).toEqual({
    ...gadget("v2", 5, { labels: labelled("own") }),
    spec: {},
  });
});
