/** What of a plan is written in one stage, and that the parts of each action travel beside it. */
import { expect, test } from "vitest";
import { manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { settings } from "../../../test/rollout/objects.ts";
import type { PlannedAction } from "../../model/plan.ts";
import type { Prepared } from "../prepare.ts";
import { partsOf, stageWrites } from "./stage-writes.ts";

const first = { name: "first", timeoutMs: 1_000, manifests: [manifestOf(settings("one"))] };
const second = { name: "second", timeoutMs: 1_000, manifests: [manifestOf(settings("two"))] };
const origin = { file: "x.yaml", chain: [] };
const action = (name: string, stage: string, more: Partial<PlannedAction> = {}): PlannedAction => ({
  ...{ id: manifestOf(settings(name)).id, version: "v1", stage, action: { type: "create" } },
  ...more,
});

const prepared: Prepared = {
  observation: {
    stages: [first, second],
    observed: new Map(),
    objects: new Map([
      ["shop_one__ConfigMap", settings("one")],
      ["shop_two__ConfigMap", settings("two")],
    ]),
    left: new Map(),
    blind: [],
    at: 7,
  },
  plan: {
    digest: "d",
    actions: [
      action("one", "first", { origin }),
      action("two", "second", { origin }),
      action("old", "", { action: { type: "delete" } }),
    ],
  },
  deferred: new Set(["shop_two__ConfigMap"]),
  force: true,
  by: { owner: { name: "own", namespace: "mooring-system" }, owned: new Set() },
};

test.each([
  ["first", first, "one", true],
  ["second", second, "two", false],
] as const)(
  "the %s stage has its own actions and manifests, and knows whether one came before",
  (_, stage, name, isFirst) => {
    const writes = stageWrites(prepared, stage);
    expect(writes.actions.map(({ id }) => id.name)).toEqual([name]);
    expect([...writes.manifests.keys()]).toEqual([`shop_${name}__ConfigMap`]);
    expect(writes.seen).toMatchObject({ at: 7, isFirst });
    expect([writes.force, writes.deferred, writes.by]).toEqual([true, prepared.deferred, prepared.by]);
  },
);

test("what is deleted is of no stage, not even of one without a name", () => {
  const unnamed = { ...first, name: "" };
  const one = { ...prepared, observation: { ...prepared.observation, stages: [unnamed] } };
  expect(stageWrites(one, unnamed).actions).toEqual([]);
});

test("an action has its manifest and the object that is applied for it", () => {
  const writes = stageWrites(prepared, first);
  const [planned] = writes.actions;
  expect(planned && partsOf(writes, planned)).toEqual({ manifest: first.manifests[0], object: settings("one") });
});

test.each(["manifests", "objects"] as const)("an action without %s is a bug, and told as one", (part) => {
  const writes = { ...stageWrites(prepared, first), [part]: new Map() };
  expect(() => partsOf(writes, action("one", "first"))).toThrow(
    expect.objectContaining({ code: "Bug", message: expect.stringContaining("ConfigMap/shop/one: ") }),
  );
});
