import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../model/json/json.ts";
import type { FieldChange } from "../../model/plan.ts";
import { diff, escapeToken, pointerTokens } from "./diff.ts";

const named = (...names: readonly string[]) => names.map((name) => ({ name }));

const cases: readonly (readonly [string, Json, Json, readonly FieldChange[]])[] = [
  ["a value", { a: 1 }, { a: 2 }, [{ path: "/a", from: 1, to: 2 }]],
  ["a key that comes", {}, { a: null }, [{ path: "/a", from: undefined, to: null }]],
  ["a key that goes", { a: { b: 1 } }, {}, [{ path: "/a", from: { b: 1 }, to: undefined }]],
  ["the deepest difference", { a: { b: 1, c: 1 } }, { a: { b: 1, c: 2 } }, [{ path: "/a/c", from: 1, to: 2 }]],
  ["a number and its text", { a: 1 }, { a: "1" }, [{ path: "/a", from: 1, to: "1" }]],
  ["a key that needs escaping", { "x/y~z": 1 }, {}, [{ path: "/x~1y~0z", from: 1, to: undefined }]],
  [
    "plain items by position",
    [1, 2],
    [1, 3, 4],
    [
      { path: "/1", from: 2, to: 3 },
      { path: "/2", from: undefined, to: 4 },
    ],
  ],
  [
    "named items by name",
    [
      { name: "a", v: 1 },
      { name: "b", v: 1 },
    ],
    [{ name: "b", v: 2 }],
    [
      { path: "/0", from: { name: "a", v: 1 }, to: undefined },
      { path: "/1/v", from: 1, to: 2 },
    ],
  ],
  ["a named item that comes", named("b"), named("a", "b"), [{ path: "/0", from: undefined, to: { name: "a" } }]],
  [
    "named items that change places",
    named("a", "b"),
    named("b", "a"),
    [{ path: "", from: ["a", "b"], to: ["b", "a"] }],
  ],
  ["items of which two have one name", named("a", "a"), named("a", "b"), [{ path: "/1/name", from: "a", to: "b" }]],
];

describe("diff", () => {
  test.each(cases)("%s", (_what, from, to, expected) => {
    expect(diff(from, to)).toEqual(expected);
  });

  const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

  test("of a value and itself is empty", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(diff(value, structuredClone(value))).toEqual([]);
      }),
    );
  });

  test("is empty only for equal values", () => {
    fc.assert(
      fc.property(json, json, (a, b) => {
        if (diff(a, b).length === 0) expect(JSON.parse(JSON.stringify(a))).toEqual(JSON.parse(JSON.stringify(b)));
      }),
    );
  });
});

test("tokens go into a pointer and come out of it", () => {
  fc.assert(
    fc.property(fc.string(), (key) => {
      expect(pointerTokens(`/${escapeToken(key)}`)).toEqual([key]);
    }),
  );
});
