import { expect, test } from "vitest";
import { editDistance } from "./edit-distance.ts";

// Upstream: https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance#Optimal_string_alignment_distance
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
