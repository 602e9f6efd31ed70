import { describe, expect, test } from "vitest";
import { unflattened } from "./flat-metadata.ts";

test("what sops writes flat is put together again", () => {
  const entries = [
    ["age__list_0__map_recipient", "age1a"],
    ["age__list_0__map_enc", "x"],
    ["age__list_1__map_recipient", "age1b"],
    ["mac", "m"],
    ["key_groups__list_0__map_pgp__list_0__map_fp", "F"],
  ] as const;
  expect(unflattened(entries)).toEqual(
    new Map<string, unknown>([
      [
        "age",
        [
          new Map([
            ["recipient", "age1a"],
            ["enc", "x"],
          ]),
          new Map([["recipient", "age1b"]]),
        ],
      ],
      ["mac", "m"],
      ["key_groups", [new Map([["pgp", [new Map([["fp", "F"]])]]])]],
    ]),
  );
});

test("lists are in the order of their numbers, with what is missing left out", () => {
  const entries = [
    ["a__list_10", "c"],
    ["a__list_2", "b"],
    ["a__list_0", "a"],
  ] as const;
  expect(unflattened(entries)?.get("a")).toEqual(["a", "b", "c"]);
});

test("a list without end is none: its numbers are names", () => {
  expect(unflattened([["a__list_99999999999", "x"]])?.get("a")).toEqual(new Map([["99999999999", "x"]]));
});

test("names that objects have are names like any other", () => {
  const read = unflattened([["__proto____map_constructor", "x"]]);
  expect([...(read ?? [])]).toEqual([["__proto__", new Map([["constructor", "x"]])]]);
});

describe("parts that do not fit each other", () => {
  test.each([
    [
      "a name twice",
      [
        ["a", "x"],
        ["a", "y"],
      ],
    ],
    [
      "a text that is a map as well",
      [
        ["a", "x"],
        ["a__map_b", "y"],
      ],
    ],
    [
      "a map that is a text as well",
      [
        ["a__map_b", "y"],
        ["a", "x"],
      ],
    ],
  ] as const)("%s", (_what, entries) => {
    expect(unflattened(entries)).toBeUndefined();
  });
});

test("nothing is an empty map", () => {
  expect(unflattened([])).toEqual(new Map());
});
