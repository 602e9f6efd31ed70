import { describe, expect, test } from "vitest";
import { readItems, readSealedText, readWellFormed, sealedDocuments } from "./sealed-documents.ts";

const one = `# a comment
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata:
  name: db
  namespace: shop
spec:
  encryptedData:
    user: AgA=
    # why
    password: AgB=
`;

test("each SealedSecret has its document, its line and those of its items", () => {
  const text = `kind: ConfigMap\n---\n${one}---\n${one.replace("name: db", "name: cache")}`;
  const found = sealedDocuments(text, "a.yaml");
  expect(found.map(({ index, line, object }) => [index, line, object.metadata.name])).toEqual([
    [1, 4, "db"],
    [2, 16, "cache"],
  ]);
  expect([...(found[0]?.itemLines ?? [])]).toEqual([
    ["user", 11],
    ["password", 13],
  ]);
});

test("members of a list are found, with their place in it", () => {
  const indented = one.replace(/^(?!$)/gm, "    ").replace("    # a comment\n    api", "  - api");
  const found = sealedDocuments(`apiVersion: v1\nkind: List\nitems:\n  - {kind: ConfigMap}\n${indented}`, "a.yaml");
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ index: 0, member: 1, line: 5, documentLine: 1 });
  expect(found[0]?.itemLines.get("user")).toBe(12);
});

test("JSON is read like YAML", () => {
  const text = JSON.stringify(
    { apiVersion: "bitnami.com/v1alpha1", kind: "SealedSecret", metadata: { name: "a" }, spec: {} },
    null,
    1,
  );
  expect(sealedDocuments(text, "a.json")).toMatchObject([{ index: 0, line: 1, object: { metadata: { name: "a" } } }]);
});

describe("what holds none", () => {
  test.each([
    ["nothing", ""],
    ["another kind", "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"],
    ["another group", one.replace("bitnami.com", "example.com")],
    ["the word in a comment", "# a SealedSecret\na: b\n"],
    ["the word in text", "a: kind of SealedSecret\n"],
    ["a list", "- SealedSecret\n"],
    ["broken YAML that only speaks of it", "{{ template }}: [\n# SealedSecret\n"],
    ["aliases that lead nowhere elsewhere", "a: 1 # SealedSecret\n"],
  ])("%s", (_what, text) => {
    expect(readSealedText(text, "a.yaml")).toEqual({ documents: [], problems: [] });
  });
});

describe("what cannot be read is a problem with file and line", () => {
  test.each([
    ["broken YAML that names the kind", `${one}  bad: [\n`, "is not valid YAML: ", 12],
    ["a tab", one.replace("  name: db", "\tname: db"), "is not valid YAML: ", 5],
    ["a key twice", `${one}    user: AgC=\n`, "is not valid YAML: duplicate key", 12],
    ["no name", one.replace("  name: db\n", ""), "is a SealedSecret without a metadata.name", 2],
    ["a name that is a number", one.replace("name: db", "name: 5"), "is a SealedSecret without a metadata.name", 2],
  ])("%s", (_what, text, message, line) => {
    const { documents, problems } = readSealedText(text, "a.yaml");
    expect(documents).toEqual([]);
    expect(problems[0]).toMatchObject({ file: "a.yaml", message: expect.stringContaining(message) });
    expect(Math.abs((problems[0]?.line ?? 0) - line)).toBeLessThanOrEqual(1);
    expect(() => sealedDocuments(text, "a.yaml")).toThrow(message);
  });

  test("aliases without an anchor", () => {
    const { problems } = readSealedText(one.replace("user: AgA=", "user: *none"), "a.yaml");
    expect(problems).toHaveLength(1);
  });

  test("aliases that multiply", () => {
    const bomb = [
      "a: &a [x,x,x,x,x,x,x,x,x,x]",
      ..."bcdefg".split("").map((name, at) => `${name}: &${name} [${`*${"abcdef"[at]},`.repeat(10)}]`),
    ].join("\n");
    const { problems } = readSealedText(`${one}${bomb}\n`, "a.yaml");
    expect(problems).toEqual([{ file: "a.yaml", message: "has aliases that are undefined or expand to too much" }]);
  });

  test("another document of the file is read all the same", () => {
    const { documents, problems } = readSealedText(`${one.replace("  name: db\n", "")}---\n${one}`, "a.yaml");
    expect([documents.length, problems.length]).toEqual([1, 1]);
  });
});

test("items are summed up without being opened, with the key where the seal annotation has it", () => {
  const [document] = sealedDocuments(one, "a.yaml");
  if (document === undefined) return expect.unreachable("it is not found");
  expect(readItems(document)).toEqual([
    { name: "user", scope: "strict", algorithm: "rsa", key: undefined },
    { name: "password", scope: "strict", algorithm: "rsa", key: undefined },
  ]);
  const broken = sealedDocuments(one.replace("user: AgA=", "user: 5"), "a.yaml")[0];
  if (broken === undefined) return expect.unreachable("it is not found");
  expect(readItems(broken)).toEqual([]);
  expect(() => readWellFormed(broken, "a.yaml")).toThrow(
    "a.yaml:2: SealedSecret/shop/db: spec.encryptedData.user: must be a string",
  );
  expect(() => readWellFormed(broken, undefined)).toThrow(/^SealedSecret\/shop\/db: spec/);
});
