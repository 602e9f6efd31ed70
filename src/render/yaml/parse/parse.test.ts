import { describe, expect, test } from "vitest";
import { Failure } from "../../../model/failure.ts";
import { parseDocuments, parseSettings, type YamlValue } from "../index.ts";
import { isQuoted } from "../style/quotes.ts";
import { spellingOf } from "../style/spelling.ts";

const values = (text: string): readonly YamlValue[] => parseDocuments(text, "file.yaml").map(({ value }) => value);

function failureOf(read: () => unknown): Failure {
  try {
    read();
  } catch (thrown) {
    if (thrown instanceof Failure) return thrown;
    throw thrown;
  }
  throw new Error("nothing was thrown");
}

describe("documents", () => {
  test.each<[string, readonly YamlValue[]]>([
    ["", []],
    ["# only a comment\n", []],
    ["---\n---\na: 1\n", [{ a: 1 }]],
    ["a: 1\n--- # comment\nb: 2\n---\n", [{ a: 1 }, { b: 2 }]],
    ["null\n---\n~\n", []],
    ['{"a": [1, {"b": null}]}', [{ a: [1, { b: null }] }]],
    ["\ufeffa: 1\r\nb: 2\r\n", [{ a: 1, b: 2 }]],
  ])("%j", (text, expected) => {
    expect(values(text)).toEqual(expected);
  });

  test("know the line they begin on, and where each value stands", () => {
    const text = "# first\na: 1\n---\n\nkind: X\nspec:\n  list:\n  - one\n  - name: two\n    {odd}: 3\n".replace(
      "{odd}",
      '"k v"',
    );
    const [, second] = parseDocuments(text, "file.yaml");
    expect(second?.line).toBe(5);
    expect(second?.locate([])).toEqual({ line: 4, column: 1 });
    expect(second?.locate(["spec"])).toEqual({ line: 6, column: 1 });
    expect(second?.locate(["spec", "list", 1])).toEqual({ line: 9, column: 3 });
    expect(second?.locate(["spec", "list", 1, "k v"])).toEqual({ line: 10, column: 5 });
    expect(second?.locate(["spec", "list", 1, "missing", "deeper"])).toEqual({ line: 9, column: 3 });
  });

  test("know how a scalar was written", () => {
    const text = "a: {n: 1.10, d: 2001-01-01, q: 'q'}\nl:\n- 017\n- 1\nm: &k {z: 1_0}\ny: *k\nb: |\n  x\n";
    const [document] = parseDocuments(text, "file.yaml");
    const value = {
      a: { n: 1.1, d: "2001-01-01T00:00:00Z", q: "q" },
      l: [15, 1],
      m: { z: 10 },
      y: { z: 10 },
      b: "x\n",
    };
    expect(document?.value).toEqual(value);
    const read = document?.value as typeof value;
    expect([spellingOf(read.a, "n"), spellingOf(read.a, "d"), spellingOf(read.a, "q")]).toEqual([
      "1.10",
      "2001-01-01",
      undefined,
    ]);
    expect([spellingOf(read.l, 0), spellingOf(read.l, 1), spellingOf(read.y, "z")]).toEqual(["017", undefined, "1_0"]);
    expect([isQuoted(read.a, "q"), isQuoted(read.a, "n"), isQuoted(read, "b")]).toEqual([true, false, true]);
    read.a.n = 1.2;
    expect(spellingOf(read.a, "n")).toBeUndefined();
  });

  test("are read from bytes of UTF-8 and UTF-16", () => {
    expect(parseDocuments(new TextEncoder().encode("a: é"), "f")[0]?.value).toEqual({ a: "é" });
    expect(parseDocuments(Uint8Array.from([0xff, 0xfe, 0x61, 0, 0x3a, 0, 0x20, 0, 0x62, 0]), "f")[0]?.value).toEqual({
      a: "b",
    });
  });

  test("share nothing between an anchor and its aliases", () => {
    const [value] = parseDocuments("a: &x {b: [1]}\nc: *x\n", "f").map((document) => document.value);
    expect(value).toEqual({ a: { b: [1] }, c: { b: [1] } });
    const { a, c } = value as Record<string, YamlValue>;
    expect(a).not.toBe(c);
  });
});

describe("settings", () => {
  // From go-yaml v2, which kustomize reads its own files with.
  test.each<[string, YamlValue | undefined]>([
    ["", undefined],
    ["a: yes\nb: off\nc: 'yes'\n", { a: true, b: false, c: "yes" }],
    ["a: 2001-01-01\n", { a: "2001-01-01" }],
    ["1: a\ntrue: b\n", { "1": "a", true: "b" }],
    ["a: 1\na: 2\n", { a: 2 }],
    ["a: 1\n---\nb: 2\n", { a: 1 }],
    ["%YAML 1.1\n---\na: 1\n", { a: 1 }],
    ["a: {b: , c}\n", { a: { b: null, c: null } }],
  ])("%j", (text, expected) => {
    expect(parseSettings(text, "kustomization.yaml")?.value).toEqual(expected);
  });
});

describe("problems", () => {
  test.each([
    [
      "a: 1\nb: 2\nc:\n  x: 1\n  y: 2\n  x: 3\n",
      'file.yaml:6:3: the key "x" is already defined on line 4 (keep one of the two)',
    ],
    ["a: {b: 1, b: 2}\n", 'file.yaml:1:11: the key "b" is already defined on line 1 (keep one of the two)'],
    ["a:\n\tb: 1\n", "file.yaml:2:1: a tabwhere a key or a value is expected (indent with spaces)"],
    ["a: |\n  b\n \tc\n", "file.yaml:3:2: a tab in the indentation of a block scalar (indent with spaces)"],
    [
      "a: b: c\n",
      'file.yaml:1:5: a second key and value ("a: b: c")cannot be on one line (quote the value if the colon belongs to it, or begin a new line)',
    ],
    [
      "a:\n  b: 1\n c: 2\n",
      'file.yaml:3:2: "c: 2" is in column 2, but its block began in column 1 (expected a key in column 1, or less indentation)',
    ],
    [
      "a: 1\nb\n",
      'file.yaml:2:1: "b" is not a key with a value (expected a key, a colon and a space; lines of one map begin in the same column)',
    ],
    [
      "a: [1, 2\nb: 3\n",
      "file.yaml:2:2: a colon too far from its key (write the key and its colon on one line, in at most 1,024 characters)",
    ],
    ["a: 'b\n", "file.yaml:1:4: the quotes opened here are never closed (add the closing ')"],
    [
      'a: "\\q"\n',
      'file.yaml:1:5: unknown escape "\\q"" in double quotes (write a backslash as \\\\, or use single quotes, which know no escapes)',
    ],
    ["a: *b\n", 'file.yaml:1:4: the alias *b has no anchor &b before it (quote "*b" if it is meant as text)'],
    ["a: &b [*b]\n", "file.yaml:1:8: the anchor &b contains itself (leave the alias out)"],
    ["a: {{ .Values.x }}\n", 'file.yaml:1:5: a key must be a string, not "{ .Values.x }}" (put the key in quotes)'],
    ["a: {1: b}\n", "file.yaml:1:5: a key must be a string, not 1 (put the key in quotes)"],
    [
      "a: .inf\n",
      "file.yaml:1:4: Infinity cannot be written to the cluster: JSON has no such number (quote it if it is meant as text)",
    ],
    [
      "a: b\n--- c\n",
      'file.yaml:2:1: "--- c" is not a document separator (put the document on the lines below it, or indent the line if it belongs to a text)',
    ],
    [
      "a: b\0c\n",
      'file.yaml:1:5: the character U+0000is not allowed in YAML (write it as an escape in double quotes, as in "\\u0007")',
    ],
    ["{a: 1}\n{b: 2}\n", 'file.yaml:2:1: "{b: 2}" behind the end of the document (one document holds one value)'],
  ])("%j", (text, message) => {
    const failure = failureOf(() => values(text));
    expect(failure.code).toBe("YamlInvalid");
    expect(failure.message).toBe(message);
  });

  test("of several documents are told together", () => {
    expect(failureOf(() => values("a: [\n---\nb: 1\n---\nc: 1\nc: 2\n")).problems).toMatchObject([
      { line: 2 },
      { line: 6 },
    ]);
  });

  test("are told of bytes that are not UTF-8", () => {
    const failure = failureOf(() => parseDocuments(Uint8Array.from([0x61, 0x3a, 0x20, 0xff]), "file.yaml"));
    expect(failure.message).toBe("file.yaml:1:4: the file is not valid UTF-8 (save the file as UTF-8)");
  });
});

describe("hostile input", () => {
  const bomb = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    .concat(Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(10)}]`))
    .join("\n");
  const mergeBomb = ["a0: &a0 {k: v}"]
    .concat(Array.from({ length: 3000 }, (_, i) => `a${i + 1}: &a${i + 1} {<<: *a${i}, k${i}: v}`))
    .join("\n");

  test.each([
    ["a file of 100 MB", "a: b\n".repeat(20_000_000), "InputTooLarge"],
    ["brackets 100,000 deep", "[".repeat(100_000), "InputTooLarge"],
    ["braces 100,000 deep", "{a: ".repeat(100_000), "InputTooLarge"],
    ["lists 100,000 deep", `${"- ".repeat(100_000)}a`, "InputTooLarge"],
    ["maps 3,000 deep", Array.from({ length: 3000 }, (_, i) => `${" ".repeat(i)}a:`).join("\n"), "InputTooLarge"],
    ["aliases of aliases", bomb, "YamlInvalid"],
    ["merges of merges", mergeBomb, "YamlInvalid"],
    ["a long text many times", `a: &a ${"x".repeat(1_000_000)}\nb: [${"*a, ".repeat(1000)}]`, "YamlInvalid"],
    ["a million quotes", '"'.repeat(1_000_000), "YamlInvalid"],
    ["a tag without an end", `a: !<${"x".repeat(1_000_000)}`, "YamlInvalid"],
  ])("%s is refused", (_, text, code) => {
    expect(failureOf(() => values(text)).code).toBe(code);
  });

  test.each(["a: 1", "a: 0x", "a: 1_", "a: 1:59"])("a number of endless digits is text: %s…", (start) => {
    expect(typeof Object.values(values(start + "1".repeat(1_000_000))[0] ?? {})[0]).toBe("string");
  });

  test("the time grows with the size, whatever a map is full of", () => {
    const time = (members: (index: number) => string, count: number): number => {
      const text = Array.from({ length: count }, (_, index) => members(index)).join("");
      const started = process.cpuUsage();
      values(text);
      return process.cpuUsage(started).user / 1000;
    };
    for (const members of [
      (index: number) => `k${index}:\n`,
      (index: number) => `k${index}: &a${index} v\n`,
      (index: number) => `"k${index}": [{}]\n`,
    ]) {
      time(members, 2_000);
      expect(time(members, 20_000)).toBeLessThan(60 * (time(members, 2_000) + 5));
    }
  });

  test("keys that are there twice take no longer each, however many there are", () => {
    const time = (count: number): number => {
      const started = process.cpuUsage();
      parseDocuments("a: b\n".repeat(count), "", { duplicateKeys: true });
      return process.cpuUsage(started).user / 1000;
    };
    time(2_000);
    expect(time(40_000)).toBeLessThan(100 * (time(2_000) + 5));
  });

  test("keys of the prototype are data, in every style", () => {
    for (const text of [
      "__proto__: {polluted: yes}\nconstructor: {prototype: {polluted: yes}}\ntoString: x\n",
      "{__proto__: {polluted: yes}, constructor: {prototype: {polluted: yes}}, toString: x}",
      "a: &a {__proto__: {polluted: yes}}\nb: {<<: *a}\nc: *a\n",
    ]) {
      for (const value of [...values(text), parseSettings(text, "f")?.value]) {
        expect(JSON.stringify(value)).toContain('"__proto__":{"polluted":');
      }
    }
    expect(Reflect.get({}, "polluted")).toBeUndefined();
    const [empty = null] = values("{}");
    expect(["constructor", "__proto__", "toString"].filter((key) => key in Object(empty))).toEqual([]);
  });
});
