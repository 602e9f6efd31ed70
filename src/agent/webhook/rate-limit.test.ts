import { expect, it } from "vitest";
import { createRateLimit } from "./rate-limit.ts";

it("lets ten through at once, then one in two seconds, for each key", () => {
  let now = 1_000_000;
  const limit = createRateLimit(() => now);
  const taken = (key: string, times: number) =>
    Array.from({ length: times }, () => limit.take(key)).filter(Boolean).length;
  expect(taken("a", 15)).toBe(10);
  expect(taken("b", 3)).toBe(3);
  now += 1_999;
  expect(taken("a", 1)).toBe(0);
  now += 1;
  expect(taken("a", 2)).toBe(1);
  now += 3_600_000;
  expect(taken("a", 20)).toBe(10);
});
