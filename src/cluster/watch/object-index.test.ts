import fc from "fast-check";
import { expect, test } from "vitest";
import type { KubeObject } from "../../model/manifest.ts";
import { createObjectIndex } from "./object-index.ts";

const object = (name: string, ...owners: readonly string[]): KubeObject => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name, ownerReferences: owners.map((uid) => ({ uid })) },
});
const ownersOf = ({ metadata }: KubeObject) =>
  (metadata.ownerReferences as readonly { readonly uid: string }[]).map(({ uid }) => uid);

test("an object is found by each of its keys, in the order in which they came, and keeps its place when it changes", () => {
  const index = createObjectIndex(ownersOf);
  const [a, b] = [object("a", "x", "y"), object("b", "x")];
  index.put("a", a, undefined);
  index.put("b", b, undefined);
  expect([index.of("x"), index.of("y"), index.of("z")]).toEqual([[a, b], [a], []]);
  const changed = object("a", "x", "z");
  index.put("a", changed, a);
  expect([index.of("x"), index.of("y"), index.of("z")]).toEqual([[changed, b], [], [changed]]);
  index.remove("a", changed);
  expect([index.of("x"), index.of("z")]).toEqual([[b], []]);
});

test("an object that names a key twice is found once", () => {
  const index = createObjectIndex(ownersOf);
  const twice = object("a", "x", "x");
  index.put("a", twice, undefined);
  expect(index.of("x")).toEqual([twice]);
  index.remove("a", twice);
  expect(index.of("x")).toEqual([]);
});

test("whatever is put and removed, a look-up finds what going through everything does", () => {
  const step = fc.record({
    name: fc.constantFrom("a", "b", "c", "d"),
    owners: fc.option(fc.subarray(["x", "y", "z"]), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const index = createObjectIndex(ownersOf);
      const held = new Map<string, KubeObject>();
      for (const { name, owners } of steps) {
        const previous = held.get(name);
        if (owners === undefined) {
          if (previous !== undefined) index.remove(name, previous);
          held.delete(name);
          continue;
        }
        const now = object(name, ...owners);
        index.put(name, now, previous);
        held.set(name, now);
      }
      for (const key of ["x", "y", "z"]) {
        const expected = [...held.values()].filter((each) => ownersOf(each).includes(key));
        expect(new Set(index.of(key))).toEqual(new Set(expected));
      }
    }),
  );
});
