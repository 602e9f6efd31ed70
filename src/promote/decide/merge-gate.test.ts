import { expect, test } from "vitest";
import type { Readiness } from "../forge/forge.ts";
import { mergeGate } from "./merge-gate.ts";

const commit = "a".repeat(40);
const ready: Readiness = {
  state: "open",
  headSha: commit,
  labels: ["enhancement"],
  mergeable: "yes",
  checks: { state: "success", pending: [], failed: [] },
  reviews: "satisfied",
};

test("nothing is in the way of what everybody agrees with", () => {
  expect(mergeGate(ready, commit, false)).toBeUndefined();
});

test.each<[string, Partial<Readiness>, object]>([
  ["the label", { labels: ["mooring.dev/hold"] }, { reason: "Held", message: "it has the label mooring.dev/hold" }],
  ["closed", { state: "closed" }, { reason: "MergeBlocked", message: "it is closed" }],
  [
    "another head",
    { headSha: "b".repeat(40) },
    { reason: "MergeBlocked", message: "its head has moved to another commit" },
  ],
  [
    "a check that failed",
    { checks: { state: "failure", pending: ["lint"], failed: ["unit", "e2e"] } },
    { reason: "MergeBlocked", message: "checks failed: unit, e2e" },
  ],
  [
    "many that run",
    { checks: { state: "pending", pending: ["a", "b", "c", "d", "e", "f", "g"], failed: [] } },
    { reason: "MergeBlocked", message: "checks are still running: a, b, c, d, e and 2 more" },
  ],
  ["a reviewer", { reviews: "changesRequested" }, { reason: "MergeBlocked", message: "a reviewer requested changes" }],
  ["no reviewer", { reviews: "missing" }, { reason: "MergeBlocked", message: "an approval is missing" }],
  ["a conflict", { mergeable: "no" }, { reason: "MergeBlocked" }],
  ["a forge at work", { mergeable: "unknown" }, { reason: "MergeBlocked", transient: true }],
])("in the way: %s", (_, more, expected) => {
  expect(mergeGate({ ...ready, ...more }, commit, false)).toMatchObject(expected);
});

test("hold of the spec is in the way of everything", () => {
  expect(mergeGate(ready, commit, true)).toEqual({ reason: "Held", message: "spec.hold is set" });
});
