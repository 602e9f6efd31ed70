/** Objects are written side by side; what is told of them is told one after the other. */
import { expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { settings } from "../../../test/rollout/objects.ts";
import type { PlannedAction } from "../../model/plan.ts";
import { startStage } from "./stage-run.ts";
import type { StageWrites } from "./stage-writes.ts";

const planned = (name: string): PlannedAction => ({
  ...{ id: manifestOf(settings(name)).id, version: "v1", stage: "", action: { type: "update", changes: [] } },
});

function stageWith(onFound?: StageWrites["onFound"]) {
  const writes: StageWrites = {
    actions: [],
    manifests: new Map(),
    objects: new Map(),
    deferred: new Set(),
    force: false,
    seen: { observed: new Map(), left: new Map(), at: 0, isFirst: true },
    by: { owner: { name: "own", namespace: "mooring-system" }, owned: new Set() },
    ...(onFound === undefined ? {} : { onFound }),
  };
  return startStage(new FakeCluster().target(), writes);
}

test("a call begins when the one before it has ended, however that ended, and each hears of its own end", async () => {
  const calls: string[] = [];
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const stage = stageWith(async ({ id }) => {
    calls.push(id.name);
    await gates[calls.length - 1]?.promise;
  });
  const first = stage.onFound(planned("one"));
  const second = stage.onFound(planned("two"));
  const third = stage.onFound(planned("three"));
  await Promise.resolve();
  expect(calls).toEqual(["one"]);
  gates[0]?.reject(new Error("status could not be written"));
  await expect(first).rejects.toThrow("status could not be written");
  expect(calls).toEqual(["one", "two"]);
  gates[1]?.resolve();
  await Promise.all([second, third]);
  expect(calls).toEqual(["one", "two", "three"]);
});

test("nobody need be told, and a stage begins with nothing written", async () => {
  const stage = stageWith();
  await expect(stage.onFound(planned("one"))).resolves.toBeUndefined();
  expect(stage).toMatchObject({ versions: new Map(), revised: new Map(), postponed: [], waited: false });
});
