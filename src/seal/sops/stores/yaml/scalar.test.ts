import { describe, expect, test } from "vitest";
import { Timestamp } from "../../tree.ts";
import { resolvePlain } from "./scalar.ts";
import { styleOf, writtenDouble, writtenSingle } from "./style.ts";

const time = (text: string) => new Timestamp(text);

// All but 18446744073709551615 and the dash were compared with what sops 3.13.3 encrypts and writes.
describe("plain scalars, by resolve.go of go-yaml v3", () => {
  const rows: readonly (readonly [text: string, value: ReturnType<typeof resolvePlain>])[] = [
    ["", null],
    ["~", null],
    ["null", null],
    ["NULL", null],
    ["nULL", "nULL"],
    ["true", true],
    ["TRUE", true],
    ["tRUE", "tRUE"],
    ["False", false],
    ["yes", "yes"],
    ["on", "on"],
    ["0", 0n],
    ["12", 12n],
    ["-12", -12n],
    ["+12", 12n],
    ["1_000", 1000n],
    ["0x1F", 31n],
    ["0x1f", 31n],
    ["0b101", 5n],
    ["0o17", 15n],
    ["017", 15n],
    ["018", 18],
    ["-0x10", -16n],
    ["9223372036854775807", 9223372036854775807n],
    ["18446744073709551615", 18446744073709551615n],
    ["18446744073709551616", 2 ** 64],
    ["1.5", 1.5],
    ["1.", 1],
    [".5", 0.5],
    ["1e3", 1000],
    ["1E-3", 0.001],
    ["-1.5e+2", -150],
    ["1e999", "1e999"],
    [".", "."],
    ["-", "-"],
    ["1.2.3", "1.2.3"],
    ["1a", "1a"],
    [".inf", Number.POSITIVE_INFINITY],
    ["-.INF", Number.NEGATIVE_INFINITY],
    ["+.Inf", Number.POSITIVE_INFINITY],
    [".NaN", Number.NaN],
    ["inf", "inf"],
    ["12:30:45", "12:30:45"],
    ["2020-01-01", time("2020-01-01T00:00:00Z")],
    ["2020-1-2", time("2020-01-02T00:00:00Z")],
    ["2020-02-29", time("2020-02-29T00:00:00Z")],
    ["2021-02-29", "2021-02-29"],
    ["1900-02-29", "1900-02-29"],
    ["2000-02-29", time("2000-02-29T00:00:00Z")],
    ["2020-13-01", "2020-13-01"],
    ["2020-04-31", "2020-04-31"],
    ["2020-00-01", "2020-00-01"],
    ["2001-12-14T21:59:43.10-05:00", time("2001-12-14T21:59:43.1-05:00")],
    ["2001-12-14t21:59:43Z", time("2001-12-14T21:59:43Z")],
    ["2001-12-14T21:59:43.000Z", time("2001-12-14T21:59:43Z")],
    ["2001-12-14 21:59:43", time("2001-12-14T21:59:43Z")],
    ["2001-12-14 21:59:43.5", time("2001-12-14T21:59:43.5Z")],
    ["2001-12-14T21:59:43+00:00", time("2001-12-14T21:59:43Z")],
    ["2001-12-14T21:59:43", "2001-12-14T21:59:43"],
    ["2001-12-14 21:59:43Z", "2001-12-14 21:59:43Z"],
    ["2001-12-14T24:00:00Z", "2001-12-14T24:00:00Z"],
    ["2001-12-14T21:60:00Z", "2001-12-14T21:60:00Z"],
    ["20-01-01", "20-01-01"],
    ["abc", "abc"],
    ["0x", "0x"],
    ["0b2", "0b2"],
    ["_1", "_1"],
  ];
  test.each(rows)("%j is %s", (text, value) => {
    expect(resolvePlain(text)).toEqual(value);
  });
});

describe("the style of a text, by encode.go and emitterc.go of go-yaml v3", () => {
  test.each([
    ["abc", "plain"],
    ["a b", "plain"],
    ["ü", "plain"],
    ["🙂", "double"],
    ["a:b", "plain"],
    ["a#b", "plain"],
    ["-a", "plain"],
    ["", "double"],
    ["yes", "double"],
    ["No", "double"],
    ["OFF", "double"],
    ["y", "double"],
    ["yEs", "plain"],
    ["12", "double"],
    ["1.5", "double"],
    ["null", "double"],
    ["2020-01-01", "double"],
    ["190:20:30", "double"],
    ["<<", "double"],
    ["a: b", "single"],
    ["a #b", "single"],
    ["- a", "single"],
    ["*a", "single"],
    ["&a", "single"],
    ["!a", "single"],
    ["%a", "single"],
    ["@a", "single"],
    ["[a", "single"],
    ["{a", "single"],
    ["'a", "single"],
    ['"a', "single"],
    ["a:", "single"],
    [" a", "single"],
    ["a ", "single"],
    ["---", "single"],
    ["?", "single"],
    ["a\tb", "double"],
    ["a\u0000", "double"],
    ["a\u007f", "double"],
    ["\ufeffa", "double"],
    ["a\nb", "literal"],
    ["a\n", "literal"],
    ["a \nb", "double"],
    ["a\nb ", "double"],
    ["a\nb\u0000", "double"],
    ["a\tb\nc", "literal"],
  ])("%j is written %s", (text, style) => {
    expect(styleOf(text)).toBe(style);
  });

  test.each([
    ["a", '"a"'],
    ['"\\', '"\\"\\\\"'],
    ["\0\u0007\b\t\n\v\f\r\u001b", '"\\0\\a\\b\\t\\n\\v\\f\\r\\e"'],
    ["\u0085\u00a0\u2028\u2029", '"\\N\u00a0\\L\\P"'],
    ["\u0001\u007f", '"\\x01\\x7F"'],
    ["\ud7ff\ue000ü", '"\ud7ff\ue000ü"'],
    ["\ufffe", '"\\uFFFE"'],
    ["🙂", '"\\U0001F642"'],
    ["\ufeffab", '"\\uFEFF\\x61\\x62"'],
  ])("%j in double quotes", (text, written) => {
    expect(writtenDouble(text)).toBe(written);
  });

  test("single quotes are doubled", () => {
    expect(writtenSingle("it's")).toBe("'it''s'");
  });
});
