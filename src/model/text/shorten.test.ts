import { expect, test } from "vitest";
import { shorten } from "./shorten.ts";

test.each([
  ["abcde", 5, "abcde"],
  ["abcdef", 5, "abcd…"],
  ["abc😀", 5, "abc😀"],
  ["abc😀f", 5, "abc…"],
  ["ab😀ef", 5, "ab😀…"],
  ["", 5, ""],
])("%s in %d", (text, most, short) => {
  expect(shorten(text, most)).toBe(short);
});
