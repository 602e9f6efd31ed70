import { describe, expect, test, vi } from "vitest";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import type { Action } from "../../../model/plan.ts";
import type { Made } from "../../../rollout/index.ts";
import { attemptStart, isUnderWay, madeBy, resetAttempt } from "./attempt.ts";

const now = new Date("2026-01-01T12:00:00.000Z");
const before = "2026-01-01T11:00:00.000Z";
const attempt = { revision: "main@sha1:a", generation: 3, started: before };

test.each([
  { what: "the same revision goes on", status: { attempt }, start: before },
  { what: "nothing is under way", status: {}, start: now.toISOString() },
  { what: "another revision", status: { attempt: { ...attempt, revision: "main@sha1:b" } }, start: now.toISOString() },
  { what: "another spec", status: { attempt: { ...attempt, generation: 2 } }, start: now.toISOString() },
  {
    what: "it failed, and is tried again",
    status: { attempt: { ...attempt, failed: before } },
    start: now.toISOString(),
  },
])("when an attempt began: $what", ({ status, start }) => {
  vi.useFakeTimers({ now });
  expect(attemptStart(status, "main@sha1:a", 3, now).toISOString()).toBe(start);
  vi.useRealTimers();
});

test("what was asked for again is still under way, from now on, and has not failed", () => {
  vi.useFakeTimers({ now });
  const failed = { attempt: { ...attempt, failed: before, cause: "x" }, failedReason: "RolledBack" };
  const fields = resetAttempt(failed, now);
  vi.useRealTimers();
  expect(fields).toEqual({
    attempt: { revision: "main@sha1:a", generation: 3, started: now.toISOString() },
    failedReason: null,
    failedProblems: null,
    failedMessage: null,
  });
  expect(resetAttempt({}, now).attempt).toBeNull();
  expect([isUnderWay(failed), isUnderWay({})]).toEqual([true, false]);
});

describe("what attempts since the last healthy revision made", () => {
  const id = (name: string) => ({ group: "", kind: "ConfigMap", namespace: "shop", name });
  const planned = (name: string, action: Action) => ({ id: id(name), version: "v1", stage: "", action });
  const plan = {
    actions: [
      planned("new", { type: "create" }),
      planned("known", { type: "update", changes: [] }),
      planned("there", { type: "update", changes: [], found: true }),
    ],
    digest: "",
  };
  const healthy = { lastHealthyRevision: "main@sha1:0" };
  const here = { found: ["shop_there__ConfigMap"] };
  test.each<readonly [string, EnvironmentStatus, Made]>([
    ["is what the plan creates and finds", healthy, { ...here, created: ["shop_new__ConfigMap"] }],
    [
      "adds to what those before made",
      { ...healthy, attempt: { ...attempt, found: ["a"], created: ["b"] } },
      { found: ["a", ...here.found], created: ["b", "shop_new__ConfigMap"] },
    ],
    ["is not known where there is nothing to go back to", {}, { ...here, created: undefined }],
    ["is not known where one before did not say", { ...healthy, attempt }, { ...here, created: undefined }],
    [
      "is not known where it is too much to be remembered",
      { ...healthy, attempt: { ...attempt, created: ["x".repeat(200_000)] } },
      { ...here, created: undefined },
    ],
  ])("%s", (_what, status, made) => {
    expect(madeBy(status, plan)).toEqual(made);
  });
});
