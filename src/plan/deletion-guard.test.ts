import { describe, expect, test } from "vitest";
import { deletionHold } from "./deletion-guard.ts";

const guard = { maxObjects: 10, maxPercent: 20, kinds: ["Namespace", "PersistentVolumeClaim"] };
const many = (count: number, kind = "ConfigMap") =>
  Array.from({ length: count }, (_, index) => ({ group: "", kind, namespace: "shop", name: `${kind}-${index}` }));

describe("the deletion guard", () => {
  test.each([
    ["nothing goes", [], 50, 0],
    ["a few of few go", many(10), 11, 1],
    ["many of very many go", many(20), 100, 80],
  ] as const)("lets go when %s", (_when, deleted, owned, desired) => {
    expect(deletionHold({ deleted, owned, desired }, guard)).toBeUndefined();
  });

  test.each([
    ["nothing would be left", many(2), 2, 0, "nothing would be left: all 2 objects would be deleted"],
    ["a precious kind goes", many(1, "Namespace"), 500, 499, "1 of kind Namespace would be deleted"],
    ["too many go", many(11), 50, 39, "11 of 50 objects would be deleted (22 %), more than 10 and 20 %"],
  ] as const)("holds when %s", (...[, deleted, owned, desired, reason]) => {
    expect(deletionHold({ deleted, owned, desired }, guard)).toEqual({ reason, objects: deleted });
  });

  test("looks at kinds and numbers where the Environment itself goes, for that nothing is left is what is wanted", () => {
    const leaving = { owned: 2, desired: undefined };
    expect(deletionHold({ deleted: many(2), ...leaving }, guard)).toBeUndefined();
    expect(deletionHold({ deleted: many(1, "Namespace"), ...leaving }, guard)?.reason).toContain("1 of kind Namespace");
    expect(deletionHold({ deleted: many(11), owned: 11, desired: undefined }, guard)?.reason).toContain(
      "11 of 11 objects",
    );
  });

  test("names only what is precious", () => {
    const precious = many(1, "PersistentVolumeClaim");
    expect(deletionHold({ deleted: [...many(3), ...precious], owned: 9, desired: 5 }, guard)?.objects).toEqual(
      precious,
    );
  });
});
