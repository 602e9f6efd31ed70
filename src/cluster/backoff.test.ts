import { expect, test } from "vitest";
import { createBackoff } from "./backoff.ts";

const pauses = (random: () => number, count: number) => {
  const backoff = createBackoff({ shortestMs: 100, longestMs: 1_000 }, random);
  return { backoff, taken: Array.from({ length: count }, () => backoff.next()) };
};

test("each step is twice the one before, up to the cap; a pause is between half a step and the whole", () => {
  expect(pauses(() => 0, 6).taken).toEqual([50, 100, 200, 400, 500, 500]);
  expect(pauses(() => 0.5, 6).taken).toEqual([75, 150, 300, 600, 750, 750]);
});

test("a reset begins anew", () => {
  const { backoff } = pauses(() => 0, 4);
  backoff.reset();
  expect(backoff.next()).toBe(50);
});
