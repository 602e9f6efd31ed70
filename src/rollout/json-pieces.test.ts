import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cutJson, type JsonPieces } from "./json-pieces.ts";

const limits = { values: 1_000_000, bytes: 1_000_000 };

function cut(text: string, depth: number, within = limits): JsonPieces | "values" | "bytes" {
  const steps = cutJson(Buffer.from(text), depth, within);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** Reads the rest and the pieces by themselves, and puts them together again. */
function readInPieces(text: string, depth: number): unknown {
  const found = cut(text, depth);
  if (typeof found === "string") return found;
  const bytes = Buffer.from(text);
  const parts = found.pieces.map(([start, end]): unknown => JSON.parse(bytes.toString("utf8", start, end)));
  const whole = (value: unknown, left: number): unknown => {
    if (typeof value !== "object" || value === null) return value;
    if (left === 0) return parts[Number(Object.values(value)[0])];
    if (Array.isArray(value)) return value.map((each) => whole(each, left - 1));
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, whole(each, left - 1)]));
  };
  return whole(JSON.parse(found.rest), depth);
}

describe("a JSON text in pieces", () => {
  test("has in its rest what is not deep, and nothing of what is", () => {
    expect(cut('{"a": [1, {"b": 2}], "c": {"d": [{}]}}', 2)).toEqual({
      rest: '{"a": [1, {"":0}], "c": {"d": {"":1}}}',
      pieces: [
        [10, 18],
        [32, 36],
      ],
    });
  });

  test.each([
    ["brackets in strings", '{"a": ["]}", {"b": "{[\\"}"}, "\\\\"]}'],
    ["escapes before a quote", String.raw`[["\\\"]", ["\\"]], "\\\\\""]`],
    ["characters of several bytes", '{"ä": [["😀", {"ü": "]"}]]}'],
    ["a member without a name", '{"": {"": [{"": 7}]}}'],
    ["a text by itself", '"a"'],
    ["nothing in it", "[[],{},[[],[{}]]]"],
  ])("means the same: %s", (_what, text) => {
    for (const depth of [1, 2, 3, 4]) expect(readInPieces(text, depth)).toEqual(JSON.parse(text));
  });

  test("means the same, whatever it is", () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 1, max: 4 }), (text, depth) => {
        expect(readInPieces(text, depth)).toEqual(JSON.parse(text));
      }),
    );
  });

  test.each(["[[[1}]]", "{{{}}", '[["a]]', "]]]{", '{"a": [[1] [2]]}', "[[{]]]"])(
    "is none where it was none: %s",
    (text) => {
      expect(() => readInPieces(text, 1)).toThrow();
    },
  );

  test("is cut up in steps, however few pieces it has", () => {
    const steps = [...cutJson(Buffer.from(`[[${"1,".repeat(500_000)}1]]`), 1, limits)];
    expect(steps.length).toBeGreaterThan(50);
  });

  test.each([
    ["values", `[${"1,".repeat(20)}1]`],
    ["values", "[".repeat(30)],
    ["bytes", `[["${"x".repeat(100)}"]]`],
    ["bytes", `["${"x".repeat(100)}"]`],
  ])("has too many %s: %s", (what, text) => {
    expect(cut(text, 1, { values: 20, bytes: 100 })).toBe(what);
  });
});
