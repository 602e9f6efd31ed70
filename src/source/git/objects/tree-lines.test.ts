import { describe, expect, test } from "vitest";
import { treeData } from "../../../../test/source/objects/pack-builder.ts";
import { parseTree } from "./tree-lines.ts";

const oid = "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391";
const other = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

describe("a folder", () => {
  test.each([
    ["a file", "100644", "file"],
    ["a program", "100755", "file"],
    ["a file of a group", "100664", "file"],
    ["a symbolic link", "120000", "symlink"],
    ["a folder", "40000", "directory"],
    ["a submodule", "160000", "submodule"],
  ])("holds %s, of mode %s", (_, mode, kind) => {
    expect([...parseTree(treeData([[mode, "a", oid]])).values()]).toEqual([{ name: "a", kind, oid }]);
  });

  test("holds nothing", () => {
    expect(parseTree(Buffer.alloc(0)).size).toBe(0);
  });

  test("keeps the order and the names as they are", () => {
    const names = ["B", "a b", "a.yaml", "ä", "日本", "-n", ".gitignore", ".github", "git", "..."];
    const lines = parseTree(treeData(names.map((name, index) => ["100644", name, index % 2 === 0 ? oid : other])));
    expect([...lines.keys()]).toEqual(names);
    expect(lines.get("a b")?.oid).toBe(other);
  });

  test("holds an object whose name has the bytes of a blank and of an end", () => {
    const odd = `20${"00".repeat(18)}20`;
    const lines = parseTree(
      treeData([
        ["100644", "a", odd],
        ["40000", "b", oid],
      ]),
    );
    expect([lines.get("a")?.oid, lines.get("b")?.kind]).toEqual([odd, "directory"]);
  });
});

// As git's own fsck refuses them: CVE-2014-9390 and what came after it.
test.each([
  "",
  ".",
  "..",
  "a/b",
  "/",
  "../a",
  ".git",
  ".GIT",
  ".Git",
  ".git ",
  ".git.",
  ".git. .",
  "git~1",
  "GIT~1",
  ".git:stream",
  ".git::$INDEX_ALLOCATION",
  "a\\.git",
  "..\\a",
  "a\\..",
  ".g\u200cit",
  ".\u202egit",
  "\ufeff.git",
])("a folder with the entry %j is refused", (name) => {
  expect(() => parseTree(treeData([["100644", name, oid]]))).toThrow(
    `the repository is refused: a folder has an entry named ${JSON.stringify(name)}`,
  );
});

test.each([".gitmodules", ".gitattributes", "git", "git~2", "x.git", ".git2", "..a", "a..", "...", "git~1x"])(
  "a folder with the entry %j is not",
  (name) => {
    expect(parseTree(treeData([["100644", name, oid]])).has(name)).toBe(true);
  },
);

describe("a folder is refused", () => {
  const line = treeData([["100644", "a", oid]]);
  test.each([
    ["without the end of its name", line.subarray(0, 8), "a folder is cut short"],
    ["without a mode", Buffer.from("a"), "a folder is cut short"],
    ["without an object", line.subarray(0, 9), "a folder is cut short"],
    ["with a part of an object's name", line.subarray(0, -1), "a folder is cut short"],
    ["with something behind its last line", Buffer.concat([line, Buffer.from("1")]), "a folder is cut short"],
    ["with a mode of nothing", treeData([["", "a", oid]]), 'the unknown mode ""'],
    ["with a mode of a device", treeData([["60000", "a", oid]]), 'the unknown mode "60000"'],
    ["with a mode with a zero before it", treeData([["040000", "a", oid]]), 'the unknown mode "040000"'],
    ["with a mode with a sign", treeData([["-100644", "a", oid]]), 'the unknown mode "-100644"'],
    [
      "with a name twice",
      treeData([
        ["100644", "a", oid],
        ["40000", "a", other],
      ]),
      'two entries named "a"',
    ],
  ])("%s", (_, data, message) => {
    expect(() => parseTree(data)).toThrow(expect.objectContaining({ code: "SourceInvalid" }));
    expect(() => parseTree(data)).toThrow(message);
  });
});
