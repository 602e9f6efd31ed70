import { describe, expect, test } from "vitest";
import { redactBinary, redactBranches } from "./redact.ts";
import { Branch, Comment, List, Timestamp, type Value } from "./tree.ts";

const redacted = (text: string) => redactBinary(Buffer.from(text)).toString();

describe("text becomes other text of the same form", () => {
  test.each([
    ["hunter2", "ivoufs3"],
    ["azAZ09", "baBA10"],
    ["user@db:5432/x", "vtfs@ec:6543/y"],
    ["a=b\nc=d\n", "b=c\nd=e\n"],
    ["$" + "{VAR} x", "$" + "{VAR} y"],
    ["\\n x", "\\n y"],
    ["aGVsbG8=", "bHWtcH9="],
    ["", "x"],
    ["---", "---x"],
    ["ü", "üx"],
  ])("%j becomes %j", (text, expected) => {
    expect(redacted(text)).toBe(expected);
  });

  test("bytes that are not UTF-8 stay as many", () => {
    const bytes = Buffer.from([0xff, 0x61, 0x00]);
    expect(redactBinary(bytes)).toEqual(Buffer.from([0xff, 0x62, 0x00]));
  });
});

describe("a patch keeps what it does and to what", () => {
  test("of JSON 6902, in YAML", () => {
    const patch = "- op: replace\n  path: /data/a\n  value: abc\n- {op: move, from: /a, path: /b}\n";
    expect(redacted(patch)).toBe("- op: replace\n  path: /data/a\n  value: bcd\n- { op: move, from: /a, path: /b }\n");
  });

  test("that is an object", () => {
    const patch =
      "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\n  labels: {a: b}\nstringData:\n  list: [a, {b: c}]\n";
    expect(redacted(patch)).toBe(
      "apiVersion: v1\nkind: Secret\nmetadata:\n  name: db\n  namespace: shop\n  labels: { a: c }\nstringData:\n  list: [ b, { b: d } ]\n",
    );
  });

  test.each([
    ["a map without a kind", "op: a\n", "pq: b\n"],
    ["an empty list", "[] # op\n", "[] # pq\n"],
    ["a list of other things", "- op: a\n", "- pq: b\n"],
    ["broken YAML", "kind: [\n", "ljoe: [\n"],
  ])("and %s is text", (_what, text, expected) => {
    expect(redacted(text)).toBe(expected);
  });
});

describe("in a document only what was encrypted is other, and of the same type", () => {
  const pair = (opened: Value, sealed: Value) => {
    const [result] = redactBranches(
      [new Branch([{ key: "k", value: opened }])],
      [new Branch([{ key: "k", value: sealed }])],
    );
    return result?.get("k");
  };

  test.each<[string, Value, Value, Value]>([
    ["a text", "a", "ENC", "b"],
    ["an integer", 1n, "ENC", 2n],
    ["a float", 1.5, "ENC", 2.5],
    ["a boolean", true, "ENC", false],
    ["a time", new Timestamp("2020-01-01T00:00:00Z"), "ENC", new Timestamp("2021-01-01T00:00:00Z")],
    ["bytes", Buffer.from([0xff, 0x61]), "ENC", Buffer.from([0xff, 0x62])],
    ["nothing", null, "ENC", null],
    ["a text that was plain", "a", "a", "a"],
    ["an integer that was plain", 1n, 1n, 1n],
    ["a list", new List(["a", "b"]), new List(["ENC", "b"]), new List(["b", "b"])],
    ["a list in a list", new List([new List(["a"])]), new List([new List(["ENC"])]), new List([new List(["b"])])],
    [
      "a map",
      new Branch([{ key: "x", value: "a" }]),
      new Branch([{ key: "x", value: "ENC" }]),
      new Branch([{ key: "x", value: "b" }]),
    ],
    ["a map where none was", new Branch([{ key: "x", value: "a" }]), "ENC", new Branch([{ key: "x", value: "b" }])],
    [
      "a comment in a list",
      new List([new Comment("a", false)]),
      new List([new Comment("ENC", false)]),
      new List([new Comment("b", false)]),
    ],
  ])("%s", (_what, opened, sealed, expected) => {
    expect(pair(opened, sealed)).toEqual(expected);
  });

  test("comments, and where they stand", () => {
    const opened = new Branch([new Comment("a", true), new Comment("plain", false)]);
    const sealed = new Branch([new Comment("ENC", true), new Comment("plain", false)]);
    expect(redactBranches([opened], [sealed])).toEqual([
      new Branch([new Comment("b", true), new Comment("plain", false)]),
    ]);
  });

  test("a document more than before is other as a whole", () => {
    expect(redactBranches([new Branch([{ key: "k", value: "a" }])], [])).toEqual([
      new Branch([{ key: "k", value: "b" }]),
    ]);
  });
});
