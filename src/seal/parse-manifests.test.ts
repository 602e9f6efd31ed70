import { describe, expect, test } from "vitest";
import { parseManifests } from "./parse-manifests.ts";

const object = (name: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: ${name}}\n`;
const json = (name: string) => JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name } });
const named = (text: string) => parseManifests(text, "f").map(({ object, line }) => [object.metadata.name, line]);

describe("the objects of a text, with their lines", () => {
  test.each([
    ["nothing", "", []],
    ["a comment", "# none\n", []],
    ["empty documents", "---\n---\n", []],
    ["one", object("a"), [["a", 1]]],
    [
      "several documents",
      `${object("a")}---\n${object("b")}`,
      [
        ["a", 1],
        ["b", 5],
      ],
    ],
    [
      "a list",
      `kind: List\nitems:\n- ${object("a").replaceAll("\n", "\n  ")}\n- ${json("b")}\n`,
      [
        ["a", 1],
        ["b", 1],
      ],
    ],
    ["a list of a kind", `kind: SecretList\nitems: [${json("a")}]\n`, [["a", 1]]],
    ["a list in a list", `kind: List\nitems: [{kind: List, items: [${json("a")}]}]\n`, [["a", 1]]],
    ["an empty list", "kind: List\nitems: []\n", []],
    ["JSON", json("a"), [["a", 1]]],
    [
      "JSON objects one after another",
      `${json("a")}${json("b")}\n${json("c")}`,
      [
        ["a", 1],
        ["b", 3],
        ["c", 5],
      ],
    ],
    ["braces in JSON strings", json("}{").replace("}{", '}{\\"'), [['}{"', 1]]],
    ["merged maps", `x: &x {name: a}\napiVersion: v1\nkind: Secret\nmetadata: {<<: *x}\n`, [["a", 1]]],
  ])("%s", (_what, text, expected) => {
    expect(named(text)).toEqual(expected);
  });

  test("a name may be missing: an option can give it", () => {
    expect(parseManifests("apiVersion: v1\nkind: Secret\nmetadata: {}\n", "f")).toHaveLength(1);
  });
});

describe("what is no object is refused, with file and line", () => {
  test.each([
    ["a text", "hello\n", "f:1: is not a Kubernetes object"],
    ["a list", "- a\n", "f:1: is not a Kubernetes object"],
    ["no kind", "apiVersion: v1\nmetadata: {}\n", "f:1: is not a Kubernetes object"],
    ["no metadata", `${object("a")}---\napiVersion: v1\nkind: Secret\n`, "f:5: is not a Kubernetes object"],
    ["a number for a kind", "apiVersion: v1\nkind: 5\nmetadata: {}\n", "f:1: is not a Kubernetes object"],
    ["such a member of a list", "kind: List\nitems: [5]\n", "f:1: is not a Kubernetes object"],
    ["an unclosed bracket", "a: [\n", "f:2:1: is not valid YAML: "],
    ["a key twice", "a: 1\na: 2\n", "f:2:1: is not valid YAML: duplicate key"],
    ["an alias without an anchor", "a: *b\n", "f: has aliases that are undefined or expand to too much"],
  ])("%s", (_what, text, message) => {
    expect(() => parseManifests(text, "f")).toThrow(message);
  });

  test("without a word of the text, which may be a plain value", () => {
    const text = "stringData:\n  password: [hunter2\nother: x\n";
    expect(() => parseManifests(text, "f")).toThrow(/^(?!.*hunter2)f:\d+/s);
  });

  test("all problems of all documents at once", () => {
    expect(() => parseManifests("a: 1\na: 2\n---\nb: 1\nb: 2\n", "f")).toThrow(/f:2:1.*\nf:5:1/s);
  });
});
