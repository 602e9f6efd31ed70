/** What follows from an error: nothing is forgotten, and when it is tried again. */
import { describe, expect, test } from "vitest";
import type { NewCondition } from "../../../api/conditions.ts";
import { readEnvironment } from "../../../api/environment/environment.ts";
import { Failure, type FailureCode } from "../../../model/failure.ts";
import type { DecisionInput } from "./decision.ts";
import { decideError } from "./error-decision.ts";

const { spec } = readEnvironment({
  metadata: { name: "e", namespace: "n" },
  spec: { source: { url: "https://git.invalid/e" }, interval: "1m", retryInterval: "10s" },
});
const revision = "main@sha1:a";
const now = new Date("2026-01-01T00:01:00Z");

function failed(code: FailureCode, more: Partial<DecisionInput> = {}) {
  const at = { spec, pinned: false, before: {}, attempted: revision, started: now, now, tries: 1, ...more };
  const { status, event, requeueMs } = decideError(new Failure(code, { message: "no" }), at);
  return { conditions: status.conditions?.map(shown), fields: status.fields, event, requeueMs };
}

const shown = ({ type, status, reason, message }: NewCondition) =>
  `${type}=${status} ${reason}${message === "" ? "" : `: ${message}`}`;

describe("the next pass", () => {
  test.each<readonly [FailureCode, number, number]>([
    ["ClusterUnreachable", 1, 1_000],
    ["ClusterUnreachable", 3, 4_000],
    ["ClusterUnreachable", 9, 10_000],
    ["SourceDenied", 1, 10_000],
    ["RenderFailed", 1, 60_000],
    ["DependencyNotReady", 2, 60_000],
    ["SpecInvalid", 1, 60_000],
  ])("%s, try %i: %i ms", (code, tries, expected) => {
    expect(failed(code, { tries }).requeueMs).toBe(expected);
  });

  test("not before the time that the other side named", () => {
    const failure = new Failure("ClusterBusy", { message: "no" }, { retryAt: new Date("2026-01-01T00:03:00Z") });
    const at = { spec, pinned: false, before: {}, attempted: revision, started: now, now, tries: 1 };
    expect(decideError(failure, at).requeueMs).toBe(120_000);
  });
});

describe("an error", () => {
  test.each<readonly [FailureCode, string, string, string]>([
    // The world around: work goes on.
    ["ClusterUnreachable", "ClusterUnreachable", "Reconciling=True ClusterUnreachable: no", "False"],
    // A person has to do something, and then it goes on by itself.
    ["Forbidden", "AccessDenied", "Reconciling=False AccessDenied: no", "False"],
    // Only a new commit or an edited spec helps.
    ["RenderFailed", "RenderFailed", "Reconciling=False RenderFailed: no", "True"],
    ["SpecInvalid", "SpecInvalid", "Reconciling=False SpecInvalid: no", "True"],
    ["DependencyNotReady", "DependencyNotReady", "Reconciling=False DependencyNotReady: no", "False"],
  ])("%s", (code, reason, reconciling, stalled) => {
    const { conditions, event } = failed(code);
    const why = stalled === "True" ? ": waiting for a new commit or a changed spec" : "";
    expect(conditions).toEqual([`Ready=False ${reason}: no`, reconciling, `Stalled=${stalled} ${reason}${why}`]);
    expect(event).toEqual({ type: "Warning", reason, message: "no" });
  });

  test("says which revision it is about, and nothing where the pass had not come to one", () => {
    expect(failed("RenderFailed").fields).toEqual({
      ...{ problems: [{ message: "no" }], lastAttemptedRevision: revision, waitingRevision: null },
    });
    expect(failed("RenderFailed", { attempted: undefined }).fields).toEqual({ problems: [{ message: "no" }] });
  });

  test("keeps what is known of health, drift and holds", () => {
    const types = failed("Bug", { pinned: true }).conditions?.map((condition) => condition.split("=")[0]);
    expect(types).toEqual(["Ready", "Reconciling", "Stalled"]);
  });
});
