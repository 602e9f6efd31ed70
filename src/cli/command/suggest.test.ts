import { expect, test } from "vitest";
import { editDistance, nearest } from "./suggest.ts";

test.each([
  ["", "", 0],
  ["", "abc", 3],
  ["kitten", "sitting", 3],
  ["biuld", "build", 1],
  ["plan", "plan", 0],
  ["ca", "abc", 3],
])("from %j to %j are %d steps", (from, to, steps) => {
  expect(editDistance(from, to)).toBe(steps);
});

test.each([
  ["paln", "plan"],
  ["recon", "reconcile"],
  ["susped", "suspend"],
  ["xyz", undefined],
  ["b", undefined],
])("%s may mean %s", (word, meant) => {
  expect(nearest(word, ["build", "plan", "reconcile", "resume", "suspend"])).toBe(meant);
});
