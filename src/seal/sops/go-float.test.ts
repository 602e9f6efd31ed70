import { describe, expect, test } from "vitest";
import { decimal, general } from "./go-float.ts";

/** By `strconv.FormatFloat(value, 'f', -1, 64)` and `(value, 'g', -1, 64)`. */
const rows: readonly (readonly [value: number, decimal: string, general: string])[] = [
  [0, "0", "0"],
  [-0, "-0", "-0"],
  [1, "1", "1"],
  [1.5, "1.5", "1.5"],
  [-1.5, "-1.5", "-1.5"],
  [0.1, "0.1", "0.1"],
  [100000, "100000", "100000"],
  [1000000, "1000000", "1e+06"],
  [1234567, "1234567", "1.234567e+06"],
  [123456789.5, "123456789.5", "1.234567895e+08"],
  [0.0001, "0.0001", "0.0001"],
  [0.00001, "0.00001", "1e-05"],
  [1e21, "1000000000000000000000", "1e+21"],
  [1e100, `1${"0".repeat(100)}`, "1e+100"],
  [5e-324, `0.${"0".repeat(323)}5`, "5e-324"],
  [Number.POSITIVE_INFINITY, "+Inf", "+Inf"],
  [Number.NEGATIVE_INFINITY, "-Inf", "-Inf"],
  [Number.NaN, "NaN", "NaN"],
];

describe("numbers as Go writes them", () => {
  test.each(rows)("%d", (value, inDecimal, inGeneral) => {
    expect([decimal(value), general(value)]).toEqual([inDecimal, inGeneral]);
  });
});
