/** Drift is corrected by what the plan says, and by nothing that has to be waited for long. */
import { expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../test/rollout/fake-cluster.ts";
import { deployment, inventoryOf, never, policy, settings, stageOf, unseal } from "../../test/rollout/objects.ts";
import { Failure } from "../model/failure.ts";
import type { Action, PlannedAction } from "../model/plan.ts";
import { correct, isLeaving, revisePlan } from "./correct.ts";
import { type Prepared, prepare } from "./prepare.ts";

const preparedOn = (fake: FakeCluster, stages = [stageOf([settings("web", {}, { data: { a: "git" } })])]) =>
  prepare(fake.target(), { stages, inventory: inventoryOf("web", "old"), policy, unseal }, never);
const actionsOf = ({ plan }: Prepared) => plan.actions.map(({ id, action }) => [id.name, action.type]);

test.each<readonly [action: Action, leaving: boolean]>([
  [{ type: "create", after: "deletion" }, true],
  [{ type: "create" }, false],
  [{ type: "update", changes: [] }, false],
  [{ type: "delete" }, false],
])("%j waits for the end of its former self: %s", (action, leaving) => {
  expect(isLeaving({ action })).toBe(leaving);
});

test("what drifted is applied; nothing is waited for, and nothing deleted", async () => {
  const fake = new FakeCluster();
  fake.put(settings("web", {}, { data: { a: "by hand" } }));
  fake.put(settings("old"));
  const stages = [
    stageOf([settings("web", {}, { data: { a: "git" } })]),
    stageOf([deployment("never")], 60_000, "later"),
  ];
  await correct(fake.target(), await preparedOn(fake, stages), never);
  expect(fake.writes).toEqual(["apply ConfigMap/web", "apply Deployment/never"]);
});

test("what is being deleted is left to the pass that its end triggers", async () => {
  const fake = new FakeCluster();
  fake.put(settings("web", { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["a/b"] }));
  const prepared = await preparedOn(fake);
  expect(actionsOf(prepared)).toContainEqual(["web", "create"]);
  expect(await correct(fake.target(), prepared, never)).toBe(prepared);
  expect(fake.writes).toEqual([]);
});

test("the plan says afterwards what was done", async () => {
  const fake = new FakeCluster();
  const prepared = await preparedOn(fake);
  fake.put(settings("web", { annotations: { "mooring.dev/ssa": "Ignore" } }));
  const done = await correct(fake.target(), prepared, never);
  expect(actionsOf(prepared)).toContainEqual(["web", "create"]);
  expect(actionsOf(done)).toContainEqual(["web", "skip"]);
  expect(fake.writes).toEqual([]);
});

test("a failure of one stage keeps the later ones from being written", async () => {
  const fake = new FakeCluster();
  const stages = [stageOf([settings("web")]), stageOf([settings("later")], 60_000, "later")];
  const prepared = await preparedOn(fake, stages);
  fake.refuse = ({ object, dryRun }) =>
    object.name === "web" && !dryRun ? new Failure("AdmissionDenied", { message: "no" }) : undefined;
  await expect(correct(fake.target(), prepared, never)).rejects.toMatchObject({ code: "AdmissionDenied" });
  expect(fake.writes).toEqual([]);
});

test("only what was done otherwise is said otherwise", () => {
  const { id } = manifestOf(settings("web"));
  const action = (name: string): PlannedAction => ({
    ...{ id: { ...id, name }, version: "v1", stage: "", action: { type: "create" } },
  });
  const plan = { digest: "d", actions: [action("web"), action("api")] };
  const prepared = { plan } as Partial<Prepared> as Prepared;
  expect(revisePlan(prepared, { revised: new Map() })).toBe(prepared);
  const revised = revisePlan(prepared, { revised: new Map([["shop_web__ConfigMap", { type: "skip", reason: "x" }]]) });
  expect(actionsOf(revised)).toEqual([
    ["web", "skip"],
    ["api", "create"],
  ]);
  expect(revised.plan.digest).toBe("d");
});
