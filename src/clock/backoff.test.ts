import { describe, expect, test } from "vitest";
import { backoffMs, createBackoff } from "./index.ts";

describe("the pause after failures in a row", () => {
  const range = { shortestMs: 1_000, longestMs: 60_000 };
  test.each([
    ["none", 0, range, 1_000],
    ["one", 1, range, 1_000],
    ["two", 2, range, 2_000],
    ["six", 6, range, 32_000],
    ["seven: the longest", 7, range, 60_000],
    ["more than a double can count in powers of two", 5_000, range, 60_000],
    ["a longest pause below the shortest", 1, { shortestMs: 1_000, longestMs: 300 }, 300],
  ])("%s", (_, failures, within, expected) => {
    expect(backoffMs(failures, within)).toBe(expected);
  });
});

describe("a back-off", () => {
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
});
