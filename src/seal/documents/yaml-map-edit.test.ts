import { describe, expect, test } from "vitest";
import type { Edit } from "./edit.ts";
import { splice } from "./splice.ts";
import { isLineStart, lineEnd, lineStart, plainOrQuoted, quoted } from "./yaml-text.ts";

const set = (path: string, value: string): Edit => ({ type: "set", path: path.split("/"), value });
const remove = (path: string): Edit => ({ type: "remove", path: path.split("/") });
const rename = (path: string, name: string): Edit => ({ type: "rename", path: path.split("/"), name });

/** Written by hand: what somebody would write who changes only what is asked for. */
const rows: readonly (readonly [what: string, before: string, edit: Edit, after: string])[] = [
  // set a value that is there
  ["plain", "a: b\nc: d\n", set("a", "x"), "a: x\nc: d\n"],
  ["a comment behind", "a: b # why\n", set("a", "x"), "a: x # why\n"],
  ["double quotes", 'a: "b"\n', set("a", "x"), 'a: "x"\n'],
  ["single quotes", "a: 'b'\n", set("a", "x"), "a: 'x'\n"],
  ["a quote in single quotes", "a: 'b'\n", set("a", "it's"), "a: 'it''s'\n"],
  ["what needs quotes", "a: b\n", set("a", "x: y"), 'a: "x: y"\n'],
  ["a word that is not text", "a: b\n", set("a", "yes"), 'a: "yes"\n'],
  ["a number that is text", "a: b\n", set("a", "12"), 'a: "12"\n'],
  ["a literal", "a: |\n  b\n  c\nd: e\n", set("a", "x"), "a: x\nd: e\n"],
  ["a folded text", "a: >-\n  b\n  c\nd: e\n", set("a", "x"), "a: x\nd: e\n"],
  ["a plain text over two lines", "a: b\n  c\nd: e\n", set("a", "x"), "a: x\nd: e\n"],
  ["no line break at the end", "a: b", set("a", "x"), "a: x"],
  ["CRLF", "a: b\r\nc: d\r\n", set("a", "x"), "a: x\r\nc: d\r\n"],
  ["nested", "a:\n  b: c\n  d: e\n", set("a/d", "x"), "a:\n  b: c\n  d: x\n"],
  ["flow", "a: {b: c, d: e}\n", set("a/d", "x"), "a: {b: c, d: x}\n"],
  ["flow over lines", "a: {\n  b: c,\n  d: e\n}\n", set("a/b", "x"), "a: {\n  b: x,\n  d: e\n}\n"],
  ["JSON", '{"a": {"b": "c"}}\n', set("a/b", "x"), '{"a": {"b": "x"}}\n'],
  ["a quoted key", '"a b": c\n', set("a b", "x"), '"a b": x\n'],
  // add
  ["the end of a map", "a: b\n", set("z", "x"), "a: b\nz: x\n"],
  ["by name in a sorted map", "a: b\nd: e\n", set("c", "x"), "a: b\nc: x\nd: e\n"],
  ["before the first", "b: c\n", set("a", "x"), "a: x\nb: c\n"],
  ["the end of an unsorted map", "z: 1\na: 2\n", set("c", "x"), "z: 1\na: 2\nc: x\n"],
  ["behind a value with a comment", "a: b # why\nd: e\n", set("c", "x"), "a: b # why\nc: x\nd: e\n"],
  ["behind a literal", "a: |\n  b\n", set("c", "x"), "a: |\n  b\nc: x\n"],
  ["behind a nested map", "a:\n  b: c\n", set("d", "x"), "a:\n  b: c\nd: x\n"],
  ["no line break at the end, added", "a: b", set("c", "x"), "a: b\nc: x"],
  ["CRLF, added", "a: b\r\n", set("c", "x"), "a: b\r\nc: x\r\n"],
  ["nested, added", "a:\n    b: c\nd: e\n", set("a/z", "x"), "a:\n    b: c\n    z: x\nd: e\n"],
  ["flow, added", "a: {b: c}\n", set("a/d", "x"), 'a: {b: c, "d": "x"}\n'],
  ["flow over lines, added", "a: {\n  b: c\n}\n", set("a/d", "x"), 'a: {\n  b: c,\n  "d": "x"\n}\n'],
  ["flow, added first", "a: {c: d}\n", set("a/b", "x"), 'a: {"b": "x", c: d}\n'],
  ["a key that needs quotes", "a: b\n", set("x y", "z"), 'a: b\n"x y": z\n'],
  ["an empty flow map", "a: {}\nb: c\n", set("a/d", "x"), "a:\n  d: x\nb: c\n"],
  ["nothing where a map belongs", "a:\nb: c\n", set("a/d", "x"), "a:\n  d: x\nb: c\n"],
  ["null where a map belongs", "a: null\nb: c\n", set("a/d", "x"), "a:\n  d: x\nb: c\n"],
  ["no map at all", "a: b\n", set("m/d", "x"), "a: b\nm:\n  d: x\n"],
  ["no map at all in JSON", '{"a": "b"}\n', set("m/d", "x"), '{"a": "b", "m": { "d": "x" }}\n'],
  // remove
  ["the first, removed", "a: b\nc: d\n", remove("a"), "c: d\n"],
  ["the last, removed", "a: b\nc: d\n", remove("c"), "a: b\n"],
  ["a comment above stays", "a: b\n# of c\nc: d\ne: f\n", remove("c"), "a: b\n# of c\ne: f\n"],
  ["a comment behind goes", "a: b\nc: d # why\ne: f\n", remove("c"), "a: b\ne: f\n"],
  ["a literal, removed", "a: |\n  b\n  c\nd: e\n", remove("a"), "d: e\n"],
  ["the only one leaves an empty map", "a:\n  b: c\n", remove("a/b"), "a:\n  {}\n"],
  ["flow, the first", "a: {b: c, d: e}\n", remove("a/b"), "a: {d: e}\n"],
  ["flow, the last", "a: {b: c, d: e}\n", remove("a/d"), "a: {b: c}\n"],
  ["flow, the only one", "a: { b: c }\n", remove("a/b"), "a: {}\n"],
  ["what is not there", "a: b\n", remove("c"), "a: b\n"],
  ["CRLF, removed", "a: b\r\nc: d\r\n", remove("a"), "c: d\r\n"],
  // rename
  ["a key, renamed", "a: b\nc: d\n", rename("a", "x"), "x: b\nc: d\n"],
  ["a quoted key, renamed", '"a": b\n', rename("a", "x"), "x: b\n"],
  ["to what needs quotes", "a: b\n", rename("a", "x.y"), "x.y: b\n"],
  ["to a number", "a: b\n", rename("a", "12"), '"12": b\n'],
  ["flow, renamed", "m: {a: b}\n", rename("m/a", "x"), 'm: {"x": b}\n'],
];

describe("changes in place", () => {
  test.each(rows)("%s", (_what, before, edit, after) => {
    expect(splice(before, 0, [edit])).toBe(after);
  });
});

test("several edits at once, also of one map", () => {
  const before = "m:\n  a: 1x\n  b: 2x # two\n  c: 3x\n";
  expect(splice(before, 0, [set("m/a", "x"), remove("m/b"), rename("m/c", "d"), set("m/e", "z")])).toBe(
    "m:\n  a: x\n  d: 3x\n  e: z\n",
  );
});

test("only the document that is meant, of several", () => {
  const before = "a: b\n---\na: c\n---\na: d\n";
  expect(splice(before, 1, [set("a", "x")])).toBe("a: b\n---\na: x\n---\na: d\n");
});

describe("what cannot be changed without a guess is refused, and nothing changes", () => {
  const rows: readonly (readonly [what: string, text: string, edit: Edit])[] = [
    ["an alias for the map", "x: &x {a: b}\nm: *x\n", set("m/a", "y")],
    ["an alias for the value", "x: &x b\na: *x\n", set("a", "y")],
    ["an anchor that is used elsewhere", "a: &x b\nc: *x\n", set("a", "y")],
    ["a merged map", "x: &x {a: b}\nm:\n  <<: *x\n", remove("m/a")],
    ["a list for a map", "m: [a]\n", set("m/a", "y")],
    ["text for a map", "m: text\n", set("m/a", "y")],
    ["a key that is a map", "? {a: b}\n: c\n", set("x/y", "z")],
    ["broken YAML", "a: [\n", set("a", "y")],
    ["no document", "", set("a", "y")],
    ["a list for the document", "- a\n", set("a", "y")],
    ["a name that is taken", "a: b\nc: d\n", rename("a", "c")],
    ["a map nested in none", "a: b\n", set("m/n/o", "y")],
  ];
  test.each(rows)("%s", (_what, text, edit) => {
    expect(() => splice(text, 0, [edit])).toThrow("this file is written in a way that cannot be changed in place");
  });
});

describe("texts in YAML", () => {
  test.each([
    ["abc", "abc"],
    ["AgB/x+y==", "AgB/x+y=="],
    ["/path", "/path"],
    ["", '""'],
    ["true", '"true"'],
    ["No", '"No"'],
    ["y", '"y"'],
    ["NULL", '"NULL"'],
    ["12", '"12"'],
    ["-a", '"-a"'],
    ["a b", '"a b"'],
    ["a#b", '"a#b"'],
    ['say "x"', "'say \"x\"'"],
    ['a"\n', '"a\\"\\n"'],
  ])("%j is written %s", (value, written) => {
    expect(plainOrQuoted(value)).toBe(written);
  });

  test.each([
    ["it's", true, `"it's"`],
    ["it's", false, "'it''s'"],
    ["a\tb", false, '"a\\tb"'],
    ['"', true, "'\"'"],
  ])("%j in quotes", (value, preferDouble, written) => {
    expect(quoted(value, preferDouble)).toBe(written);
  });
});

test.each([
  [0, 0, 3, true],
  [2, 0, 3, false],
  [3, 3, 8, true],
  [5, 3, 8, true],
  [6, 3, 8, false],
  [8, 8, 9, true],
])("at %i the line goes from %i to %i", (at, start, end, isStart) => {
  const text = "ab\n  cd\ne";
  expect([lineStart(text, at), isLineStart(text, at)]).toEqual([start, isStart]);
  if (at !== 3 && at !== 8) expect(lineEnd(text, at)).toBe(end);
});
