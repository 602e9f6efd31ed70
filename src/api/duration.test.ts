import { expect, test } from "vitest";
import { intervalMilliseconds, milliseconds } from "./duration.ts";

test.each([
  ["90s", 90_000],
  ["1h30m", 5_400_000],
  ["250ms", 250],
  ["1.1h", 3_960_000],
  ["0.3ms", 0],
  ["600h", 2 ** 31 - 1],
])("%s is %i whole milliseconds that a timer can wait", (duration, expected) => {
  expect(milliseconds(duration)).toBe(expected);
  expect(() => AbortSignal.timeout(milliseconds(duration))).not.toThrow();
});

test("what is no duration is refused by name", () => {
  expect(() => milliseconds("soon")).toThrow('"soon" is not a duration');
});

test.each([
  ["0s", 100],
  ["1ms", 100],
  ["0.3ms", 100],
  ["300ms", 300],
  ["600h", 2 ** 31 - 1],
])("what is done every %s is done every %i milliseconds", (duration, expected) => {
  expect(intervalMilliseconds(duration)).toBe(expected);
});
