/** The inventory is narrowed only by what is gone or released: nothing that is still there is forgotten. */
import { expect, test } from "vitest";
import { FakeCluster } from "../../../test/rollout/fake-cluster.ts";
import { inventoryOf, labelsOf, never, policy, settings, stageOf, unseal } from "../../../test/rollout/objects.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { prepare } from "../prepare.ts";
import { pruneAndNarrow } from "./prune-and-narrow.ts";

/** What is owned after pruning, where `web` is desired and `old` was. */
async function narrowed(live: readonly KubeObject[], undeletable: readonly string[]) {
  const fake = new FakeCluster();
  for (const object of live) fake.put(object);
  fake.refuse = ({ verb, object }) =>
    verb === "delete" && undeletable.includes(object.name)
      ? new Failure("AdmissionDenied", { message: "no" })
      : undefined;
  const target = fake.target();
  const inventory = inventoryOf("old", "web");
  const stages = [stageOf([settings("web")])];
  const prepared = await prepare(target, { stages, inventory, policy, unseal }, never);
  const { inventory: owned, kept, pruneFailure } = await pruneAndNarrow(target, prepared, inventory, never);
  return {
    owned: owned.entries.map(({ id }) => id.split("_")[1]),
    kept: kept.map(({ id }) => id.name),
    failed: pruneFailure?.code,
  };
}

test.each<
  readonly [
    what: string,
    expected: Awaited<ReturnType<typeof narrowed>>,
    live: readonly KubeObject[],
    undeletable: readonly string[],
  ]
>([
  ["what is deleted", { owned: ["web"], kept: [], failed: undefined }, [settings("old")], []],
  ["what had gone", { owned: ["web"], kept: [], failed: undefined }, [], []],
  [
    "what is another one's now",
    { owned: ["web"], kept: [], failed: undefined },
    [settings("old", { labels: labelsOf("other") })],
    [],
  ],
  [
    "not what could not be deleted",
    { owned: ["old", "web"], kept: [], failed: "AdmissionDenied" },
    [settings("old")],
    ["old"],
  ],
  [
    "not what is left alone for now",
    { owned: ["old", "web"], kept: ["old"], failed: undefined },
    [settings("old", { annotations: { "mooring.dev/reconcile": "disabled" } })],
    [],
  ],
])("%s is no longer owned", async (_what, expected, live, undeletable) => {
  expect(await narrowed(live, undeletable)).toEqual(expected);
});
