/** What is said when all was done but to delete something: not ready, why, and when it is tried again. */
import { expect, test } from "vitest";
import { readEnvironment } from "../../../api/environment/environment.ts";
import { Failure } from "../../../model/failure.ts";
import type { Outcome } from "../../../rollout/index.ts";
import { decideOutcome } from "./outcome.ts";

const { spec } = readEnvironment({
  metadata: { name: "e", namespace: "n" },
  spec: { source: { url: "https://git.invalid/e" }, retryInterval: "7s" },
});
const started = new Date("2026-01-01T00:00:00Z");
const attempt = { revision: "bad", generation: 1, started: "2026-01-01T00:00:00.000Z", failed: "2026-01-01T00:01:00Z" };
const plan = { actions: [], digest: "d" };
const inventory = { entries: [] };
const pruneFailure = new Failure("AdmissionDenied", { object: "ConfigMap/shop/old", message: "not on a Friday" });
const cause = new Failure("HealthFailed", { message: "is ill" });
const health = { healthy: true, message: "" };
const maintained = { type: "maintained", revision: "r", behind: false, corrected: [], drifted: [], inventory } as const;
const rolledBack = { type: "rolledBack", failed: "bad", to: "good", cause, inventory, plan } as const;

const outcomes: readonly (readonly [string, Outcome, string])[] = [
  ["a rollout", { type: "rolledOut", revision: "r", plan, inventory, kept: [], pruneFailure }, "ApplyFailed"],
  ["a pass that keeps what is there", { ...maintained, kept: [], health, pruneFailure }, "ApplyFailed"],
  ["a rollback", { ...rolledBack, pruneFailure }, "RolledBack"],
];

test.each(outcomes)("after %s", (_what, outcome, reason) => {
  const at = { spec, pinned: false, before: { attempt }, attempted: "r", started, now: started, tries: 1 };
  const { status, event, requeueMs } = decideOutcome(outcome, at);
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  expect(ready).toMatchObject({ status: "False", reason });
  expect(ready?.message).toContain("but could not delete: ConfigMap/shop/old: not on a Friday");
  expect(event).toMatchObject({ type: "Warning", reason, message: ready?.message });
  expect(status.fields?.problems).toMatchObject([{ object: "ConfigMap/shop/old", message: "not on a Friday" }]);
  expect(requeueMs).toBe(7_000);
});

test("a rollback goes on until all is deleted, as one entry of the history", () => {
  const at = { spec, pinned: false, before: { attempt }, attempted: "r", started, now: started, tries: 1 };
  const first = decideOutcome({ ...rolledBack, pruneFailure }, at).status.fields ?? {};
  expect(first.attempt).toBe(attempt);
  const before = { attempt, history: [...(first.history ?? [])] };
  const { status, requeueMs } = decideOutcome({ ...rolledBack, pruneFailure: undefined }, { ...at, before });
  expect(status.fields).toMatchObject({ attempt: null, problems: null });
  expect(status.fields?.history).toHaveLength(1);
  expect(requeueMs).toBeUndefined();
});
