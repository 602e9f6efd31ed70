import { expect, test } from "vitest";
import { nearest } from "./suggest.ts";

test.each([
  ["paln", "plan"],
  ["recon", "reconcile"],
  ["susped", "suspend"],
  ["xyz", undefined],
  ["b", undefined],
])("%s may mean %s", (word, meant) => {
  expect(nearest(word, ["build", "plan", "reconcile", "resume", "suspend"])).toBe(meant);
});
