import fc from "fast-check";
import { expect, test } from "vitest";
import { isObject, type Json, type JsonObject } from "../../model/json/json.ts";
import { doubtAfter, statusPatch } from "./status-patch.ts";

const sure = new Map<string, readonly string[]>();

test.each<readonly [string, JsonObject, JsonObject, JsonObject]>([
  ["nothing changed", { a: 1, b: { c: [2] } }, { b: { c: [2] }, a: 1 }, {}],
  ["a member is new", {}, { a: "x" }, { a: "x" }],
  ["a member has another value", { a: "x", b: 1 }, { a: "y", b: 1 }, { a: "y" }],
  ["a member is null", { a: "x" }, { a: null }, { a: null }],
  ["a member is null that was not there", {}, { a: null }, {}],
  ["an object loses a name", { a: { x: 1, y: 2 } }, { a: { x: 1 } }, { a: { x: 1, y: null } }],
  ["an object becomes a text", { a: { x: 1 } }, { a: "x" }, { a: "x" }],
  ["a list is replaced whole", { a: [1, 2] }, { a: [2] }, { a: [2] }],
])("%s", (_what, before, after, expected) => {
  expect(statusPatch(before, after, sure)).toEqual(expected);
});

test("a doubtful member is written although nothing changed, with every name that may be in it", () => {
  const doubtful = doubtAfter({ a: { x: 1 }, b: "text" }, doubtAfter({ a: { y: 1 } }, sure));
  expect(statusPatch({ a: { x: 1 }, c: 1 }, { a: { x: 1 }, c: 1 }, doubtful)).toEqual({
    a: { x: 1, y: null },
    b: null,
  });
});

/** RFC 7386, section 2. */
function merge(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const result = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, merge(result.get(name), value ?? null));
  }
  return Object.fromEntries(result);
}

const leaf = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom("x", "y"), fc.boolean());
const name = fc.constantFrom("a", "b", "c", "d");
const member = fc.oneof(leaf, fc.array(leaf, { maxLength: 2 }), fc.dictionary(name, leaf, { maxKeys: 3 }));
const status = fc.dictionary(name, member, { maxKeys: 4 });

test("merged into the status before, a patch makes the status after", () => {
  fc.assert(
    fc.property(status, status, (before, after) => {
      const gone = Object.fromEntries(Object.keys(before).map((each) => [each, null]));
      const next = { ...gone, ...after };
      expect(merge(before, statusPatch(before, next, sure))).toEqual(after);
    }),
  );
});

test("merged into whatever a lost patch has left, the next one makes the status after", () => {
  fc.assert(
    fc.property(
      status,
      fc.array(status, { maxLength: 3 }),
      fc.array(fc.boolean()),
      status,
      (read, lost, kept, last) => {
        let [server, doubtful]: [Json, ReadonlyMap<string, readonly string[]>] = [read, sure];
        const whole = (next: JsonObject) => ({
          ...Object.fromEntries([..."abcd"].map((each) => [each, null])),
          ...next,
        });
        for (const [index, each] of lost.entries()) {
          const patch = statusPatch(read, whole(each), doubtful);
          doubtful = doubtAfter(patch, doubtful);
          if (kept[index] === true) server = merge(server, patch);
        }
        expect(merge(server, statusPatch(read, whole(last), doubtful))).toEqual(last);
      },
    ),
  );
});
