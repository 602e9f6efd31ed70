import { describe, expect, test } from "vitest";
import { findCiphertexts } from "./ciphertexts.ts";
import { Branch, Comment, List, type Value } from "./tree.ts";
import { createVerifiedFiles } from "./verified.ts";

const enc = (text: string) => `ENC[AES256_GCM,data:${text},iv:i,tag:t,type:str]`;

function document(values: readonly Value[], apiVersion = "v1", kind = "Secret"): Branch {
  return new Branch([
    { key: "apiVersion", value: apiVersion },
    { key: "kind", value: kind },
    ...values.map((value, index) => ({ key: `k${index}`, value })),
  ]);
}

const claim = (ciphertexts: readonly string[], apiVersion = "v1", kind = "Secret") => ({
  apiVersion,
  kind,
  ciphertexts,
});

test("ciphertexts are found wherever they stand, and comments with them", () => {
  const branch = document([
    enc("a"),
    new List([enc("b"), "x", new Branch([{ key: "n", value: enc("c") }])]),
    "plain",
    5n,
    null,
    `x${enc("d")}`,
  ]);
  const withComments = new Branch([new Comment(` ${enc("e")}`, false), new Comment("ENC", false), ...branch.items]);
  expect(findCiphertexts(withComments)).toEqual([` ${enc("e")}`, enc("a"), enc("b"), enc("c")]);
});

describe("one document of a verified file covers an object", () => {
  const files = createVerifiedFiles();
  files.note("a.yaml", [document([enc("a"), enc("b")]), document([enc("c")], "apps/v1", "Deployment")]);

  test.each([
    ["with all its values", claim([enc("a"), enc("b")]), true],
    ["with some of them", claim([enc("b")]), true],
    ["with none", claim([]), true],
    ["with values of two documents", claim([enc("a"), enc("c")]), false],
    ["with a value of nowhere", claim([enc("a"), enc("z")]), false],
    ["of another kind", claim([enc("a")], "v1", "ConfigMap"), false],
    ["of another group", claim([enc("a")], "example.com/v1", "Secret"), false],
    ["of another version of its group", claim([enc("c")], "apps/v1beta1", "Deployment"), true],
  ] as const)("%s", (_what, each, covered) => {
    expect(files.cover(each)).toBe(covered);
  });
});

test("files of one content cover alike, and each is forgotten by itself", () => {
  const files = createVerifiedFiles();
  files.note("a.yaml", [document([enc("a")])]);
  files.note("b.yaml", [document([enc("a")])]);
  expect(files.cover(claim([enc("a")]))).toBe(true);
});

test("the oldest are forgotten beyond five thousand documents; what is noted again is new", () => {
  const files = createVerifiedFiles();
  for (let n = 0; n < 5000; n++) files.note("a.yaml", [document([enc(`a${n}`)])]);
  files.note("a.yaml", [document([enc("a0")])]);
  files.note("a.yaml", [document([enc("new")])]);
  expect([0, 1, 2].map((n) => files.cover(claim([enc(`a${n}`)])))).toEqual([true, false, true]);
});

test("kinds that run into each other are kept apart", () => {
  const files = createVerifiedFiles();
  files.note("a.yaml", [document([enc("a")], "a.b/v1", "C")]);
  expect(files.cover(claim([enc("a")], "a/v1", "b.C"))).toBe(false);
  files.note("b.yaml", [new Branch([{ key: "k", value: enc("b") }])]);
  expect(files.cover(claim([enc("b")], "", ""))).toBe(true);
  expect(files.cover(claim([enc("b")], "v1", "Secret"))).toBe(false);
});
