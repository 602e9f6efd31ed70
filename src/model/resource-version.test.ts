import { expect, test } from "vitest";
import { compareVersions, isOlder } from "./resource-version.ts";

test.each([
  ["9", "10", true],
  ["10", "9", false],
  ["10", "10", false],
  // Above 2^64: more digits than a number or a long integer could hold.
  ["18446744073709551616", "18446744073709551617", true],
  ["abc-1", "abc-2", false],
  ["abc-1", "12", false],
  ["12", "", false],
  ["007", "12", false],
  ["-1", "12", false],
  ["0x1", "12", false],
])("%s is older than %s: %s", (a, b, expected) => {
  expect(isOlder(a, b)).toBe(expected);
});

test("what is no number is equal to itself, and has no order", () => {
  expect(compareVersions("abc-1", "abc-1")).toBe(0);
  expect(compareVersions("abc-1", "abc-2")).toBeUndefined();
  expect(isOlder(undefined, "1")).toBe(false);
});
