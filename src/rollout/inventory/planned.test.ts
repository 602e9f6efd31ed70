/** What an Environment owns once a plan has run, and what of that the plan only leaves. */
import { expect, test } from "vitest";
import { manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { deployment, settings, stageOf } from "../../../test/rollout/objects.ts";
import type { Action, Plan, PlannedAction } from "../../model/plan.ts";
import { entryOf, plannedInventory, plannedToKeep, rememberedInventory } from "./planned.ts";

const planOf = (...actions: readonly (readonly [name: string, action: Action])[]): Plan => ({
  digest: "d",
  actions: actions.map(
    ([name, action]): PlannedAction => ({ id: manifestOf(settings(name)).id, version: "v1", stage: "", action }),
  ),
});

test.each([
  [manifestOf(settings("web")), { id: "shop_web__ConfigMap", v: "v1" }],
  [manifestOf(deployment("web")), { id: "shop_web_apps_Deployment", v: "v1" }],
  [
    manifestOf({ apiVersion: "example.com/v1beta2", kind: "Widget", metadata: { name: "a:b" } }),
    { id: "_a__b_example.com_Widget", v: "v1beta2" },
  ],
])("an entry names the object and the version it is written in: %#", (manifest, entry) => {
  expect(entryOf(manifest)).toEqual(entry);
});

test("everything desired, whatever is done with it, but for what is skipped; sorted by id", () => {
  const plan = planOf(
    ["same", { type: "unchanged" }],
    ["left", { type: "skip", reason: "reconcile: disabled" }],
    ["made", { type: "create" }],
    ["gone", { type: "delete" }],
  );
  const stages = [stageOf([settings("same"), settings("left")]), stageOf([settings("made")])];
  expect(plannedInventory({ observation: { stages }, plan }).entries.map(({ id }) => id)).toEqual([
    "shop_made__ConfigMap",
    "shop_same__ConfigMap",
  ]);
});

const left = planOf(
  ["own", { type: "skip", reason: "reconcile: disabled", remembered: "owned" }],
  ["foreign", { type: "skip", reason: "ssa: Ignore" }],
  ["kept", { type: "orphan", reason: "prune: disabled", remembered: "owned" }],
  ["made", { type: "orphan", reason: "a rollback left it", remembered: "created" }],
  ["found", { type: "orphan", reason: "a rollback left it", remembered: "found" }],
  ["released", { type: "orphan", reason: "the Environment prunes nothing" }],
  ["deleted", { type: "delete" }],
  ["created", { type: "create" }],
);

test("what is left alone is remembered where the plan says so, with what a rollback left it as", () => {
  expect(rememberedInventory({ plan: left }).entries).toEqual([
    { id: "shop_own__ConfigMap", v: "v1" },
    { id: "shop_kept__ConfigMap", v: "v1" },
    { id: "shop_made__ConfigMap", v: "v1", left: "created" },
    { id: "shop_found__ConfigMap", v: "v1", left: "found" },
  ]);
});

test("what is kept although it is not desired any more is told with its reason, and what is only skipped is not", () => {
  expect(plannedToKeep({ plan: left }).map(({ id, reason }) => [id.name, reason])).toEqual([
    ["kept", "prune: disabled"],
    ["made", "a rollback left it"],
    ["found", "a rollback left it"],
  ]);
});
