import { expect, test } from "vitest";
import { createRateLimit } from "./index.ts";

/** A limit of ten at once and one in two seconds, with its clock. */
function limited() {
  let now = 1_000_000;
  const limit = createRateLimit({ burst: 10, intervalMs: 2_000 }, () => now);
  const passed = (key: string, times: number) =>
    Array.from({ length: times }, () => limit.take(key)).filter(Boolean).length;
  const wait = (ms: number) => {
    now += ms;
  };
  return { passed, wait };
}

test("lets ten through at once, then one in two seconds, for each key", () => {
  const { passed, wait } = limited();
  expect(passed("a", 15)).toBe(10);
  expect(passed("b", 3)).toBe(3);
  wait(1_999);
  expect(passed("a", 1)).toBe(0);
  wait(1);
  expect(passed("a", 2)).toBe(1);
  wait(3_600_000);
  expect(passed("a", 20)).toBe(10);
});

test("who is refused pays nothing for having asked", () => {
  const { passed, wait } = limited();
  passed("a", 1_000);
  wait(4_000);
  expect(passed("a", 5)).toBe(2);
});
