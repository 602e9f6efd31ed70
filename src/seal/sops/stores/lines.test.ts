import { describe, expect, test } from "vitest";
import { type Leaf, Timestamp } from "../tree.ts";
import { lineText, trim, trimStart } from "./lines.ts";

const bytes = (text: string) => Buffer.from(text).toString("latin1");

describe("white space of Unicode is trimmed from bytes, as Go's TrimSpace", () => {
  test.each([
    ["", ""],
    [" a ", "a"],
    ["\t\n\v\f\r a", "a"],
    ["\u0085a\u00a0", "a"],
    ["\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000a\u3000", "a"],
    ["\u200ba\u200b", "\u200ba\u200b"],
    ["a b", "a b"],
    ["   ", ""],
    ["ü", "ü"],
  ])("%j", (text, trimmed) => {
    expect(trim(bytes(text))).toBe(bytes(trimmed));
  });

  test("at the beginning alone", () => {
    expect(trimStart(bytes(" \u00a0a "))).toBe("a ");
  });

  test("a byte that is the end of a letter is none", () => {
    expect(trim("\xe9\xa0")).toBe("\xe9\xa0");
    expect(trim("a\xc2\xa0\xa0")).toBe("a\xc2\xa0\xa0");
  });

  test("much of it in linear time", () => {
    expect(trim(`a${" ".repeat(1_000_000)}b${" ".repeat(100_000)}`)).toHaveLength(1_000_002);
  });
});

describe("a value in a line, by ValToString of sops", () => {
  test.each<[Leaf, string]>([
    ["a", "a"],
    [1n, "1"],
    [-5n, "-5"],
    [1.5, "1.5"],
    [1, "1.0"],
    [1e21, "1E+21"],
    [1e-7, "1E-07"],
    [1000000, "1E+06"],
    [Number.POSITIVE_INFINITY, "+INF"],
    [Number.NaN, "NAN"],
    [true, "true"],
    [false, "false"],
    [null, "<nil>"],
    [new Timestamp("2020-01-01T00:00:00.5Z"), "2020-01-01T00:00:00Z"],
    [Buffer.from([0xff]), "\xff"],
  ])("%s is %s", (value, text) => {
    expect(lineText(value)).toBe(text);
  });
});
