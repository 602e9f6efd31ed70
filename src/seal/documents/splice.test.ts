import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { propertyRuns } from "../../../test/support/properties/property-runs.ts";
import type { Edit } from "./edit.ts";
import { splice } from "./splice.ts";

const set = (path: string, value: string): Edit => ({ type: "set", path: path.split("/"), value });
const remove = (path: string): Edit => ({ type: "remove", path: path.split("/") });
const rename = (path: string, name: string): Edit => ({ type: "rename", path: path.split("/"), name });

const file = `# at the top
apiVersion: bitnami.com/v1alpha1   # kept
kind: SealedSecret
metadata: {name: db, namespace: shop} # flow
spec:
    encryptedData:
        # about a
        a: AgAAA== # old a

        c: "AgCCC"
        # about d
        d: >-
          AgDD
          DD
    template: {}   # the end
`;

/** Text in, edits, text out. */
const cases: readonly (readonly [string, string, readonly Edit[], string])[] = [
  ["a value", file, [set("spec/encryptedData/a", "AgNEW")], file.replace("AgAAA==", "AgNEW")],
  ["a quoted value", file, [set("spec/encryptedData/c", "AgNEW")], file.replace('"AgCCC"', '"AgNEW"')],
  [
    "a block scalar",
    file,
    [set("spec/encryptedData/d", "AgNEW")],
    file.replace(">-\n          AgDD\n          DD", "AgNEW"),
  ],
  [
    "a new member in its sorted place, behind the comment of the one before",
    file,
    [set("spec/encryptedData/b", "AgB")],
    file.replace("# old a\n", "# old a\n        b: AgB\n"),
  ],
  [
    "a new first member",
    file,
    [set("spec/encryptedData/A", "Ag")],
    file.replace("        a: ", "        A: Ag\n        a: "),
  ],
  [
    "a new last member",
    file,
    [set("spec/encryptedData/z", "Ag")],
    file.replace("          DD\n", "          DD\n        z: Ag\n"),
  ],
  [
    "a member that needs quotes",
    file,
    [set("spec/encryptedData/z", "123")],
    file.replace("          DD\n", '          DD\n        z: "123"\n'),
  ],
  ["taken out", file, [remove("spec/encryptedData/c")], file.replace('        c: "AgCCC"\n', "")],
  [
    "the last taken out",
    file,
    [remove("spec/encryptedData/d")],
    file.replace("        d: >-\n          AgDD\n          DD\n", ""),
  ],
  ["renamed", file, [rename("spec/encryptedData/c", "e")], file.replace('c: "AgCCC"', 'e: "AgCCC"')],
  ["a member of a flow map", file, [set("metadata/labels", "x")], file.replace("{name", '{"labels": "x", name')],
  [
    "a map that is missing, in a flow map",
    file,
    [set("metadata/annotations/k", "v")],
    file.replace("{name", '{"annotations": { "k": "v" }, name'),
  ],
  [
    "a map that is empty",
    file,
    [set("spec/template/type", "Opaque")],
    file.replace("template: {}", "template:\n      type: Opaque"),
  ],
  ["a map that is null", "a:\n  b:\nc: 1\n", [set("a/b/x", "Ag")], "a:\n  b:\n    x: Ag\nc: 1\n"],
  ["a map that is missing", "a:\n  b: 1\n", [set("a/c/x", "y z")], 'a:\n  b: 1\n  c:\n    x: "y z"\n'],
  ["all of a map taken out", "a:\n  b: x\nc: 1\n", [remove("a/b")], "a:\n  {}\nc: 1\n"],
  ["into a map that was emptied", "a:\n  # why\n  {}\nc: 1\n", [set("a/b", "Ag")], "a:\n  # why\n  b: Ag\nc: 1\n"],
  ["no line break at the end", "a:\n  b: x", [set("a/c", "Ag")], "a:\n  b: x\n  c: Ag"],
  ["carriage returns", "a:\r\n  b: x\r\n", [set("a/c", "Ag")], "a:\r\n  b: x\r\n  c: Ag\r\n"],
  [
    "JSON",
    '{\n  "a": {\n    "b": "x"\n  }\n}\n',
    [set("a/c", "y"), set("a/b", "z"), set("d", "w")],
    '{\n  "a": {\n    "b": "z",\n    "c": "y"\n  },\n  "d": "w"\n}\n',
  ],
  ["JSON, taken out", '{"a": {"b": "x", "c": "y"}}', [remove("a/b")], '{"a": {"c": "y"}}'],
  ["JSON, the last taken out", '{"a": {"b": "x", "c": "y"}}', [remove("a/c")], '{"a": {"b": "x"}}'],
  ["JSON, all taken out", '{"a": {"b": "x"}}', [remove("a/b")], '{"a": {}}'],
];

test.each(cases)("%s", (_what, before, edits, after) => {
  expect(splice(before, 0, edits)).toBe(after);
});

test("only the document that is meant", () => {
  const text = "a: {x: y}\n---\na:\n  x: y\n---\na: {x: y}\n";
  expect(splice(text, 1, [set("a/x", "z")])).toBe("a: {x: y}\n---\na:\n  x: z\n---\na: {x: y}\n");
});

describe("what cannot be changed in place is refused", () => {
  test.each([
    ["an alias", "x: &x {a: b}\ny: *x\n", [set("y/a", "c")]],
    ["a member of a list", "a: [b]\n", [set("a/b", "c")]],
    ["no map at all", "- a\n", [set("a", "c")]],
  ])("%s", (_what, text, edits) => {
    expect(() => splice(text, 0, edits)).toThrow("cannot be changed in place");
  });
});

/** A block map under `spec: encryptedData:` with comments, blank lines, quotes and indentation as people write them. */
const written = fc
  .record({
    indent: fc.integer({ min: 1, max: 6 }),
    members: fc.uniqueArray(
      fc.record({
        key: fc.stringMatching(/^[a-z][a-z0-9_.-]{0,8}$/),
        value: fc.stringMatching(/^Ag[A-Za-z0-9+/]{0,20}={0,2}$/),
        quote: fc.constantFrom("", '"', "'"),
        above: fc.constantFrom("", "# why\n", "\n", "# two\n# lines\n"),
        behind: fc.constantFrom("", " # behind", "   "),
      }),
      { selector: ({ key }) => key, minLength: 1, maxLength: 8 },
    ),
    end: fc.constantFrom("\n", "\nstatus: {}\n", ""),
  })
  .map(({ indent, members, end }) => {
    const pad = " ".repeat(indent);
    const lines = members.map(({ key, value, quote, above, behind }) => {
      const comments = above.replace(/^(?=#)/gm, pad + pad);
      return `${comments}${pad}${pad}${JSON.stringify(key)}: ${quote}${value}${quote}${behind}`;
    });
    return {
      text: `kind: X # top\nspec:\n${pad}encryptedData:\n${lines.join("\n")}${end}`,
      keys: members.map(({ key }) => key),
    };
  });

const path = (key: string) => ["spec", "encryptedData", key];

test("whatever the file looks like, only the line of the member changes", () => {
  fc.assert(
    fc.property(written, fc.nat(), fc.constantFrom("set", "add", "remove", "rename"), ({ text, keys }, which, how) => {
      const key = keys[which % keys.length] ?? "";
      const edits: Record<typeof how, Edit> = {
        set: { type: "set", path: path(key), value: "AgNEWVALUE" },
        add: { type: "set", path: path("zz-added"), value: "AgNEWVALUE" },
        remove: { type: "remove", path: path(key) },
        rename: { type: "rename", path: path(key), name: "zz-renamed" },
      };
      const [before, after] = [text.split("\n"), splice(text, 0, [edits[how]]).split("\n")];
      const gone = before.filter((line) => !after.includes(line));
      const come = after.filter((line) => !before.includes(line));
      if (how === "add") expect(gone).toEqual([]);
      else expect(gone.every((line) => line.includes(`"${key}":`))).toBe(true);
      expect(come.every((line) => /AgNEWVALUE|zz-renamed|^ *\{\}|^$/.test(line))).toBe(true);
      expect(gone.length).toBeLessThanOrEqual(1);
    }),
    { numRuns: propertyRuns(100) },
  );
});
