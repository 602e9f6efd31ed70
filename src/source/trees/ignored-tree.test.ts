import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { FileTree } from "../../model/file-tree.ts";
import { memoryTree } from "../../render/index.ts";
import { directoryTree } from "./directory-tree.ts";
import { ignoredTree, ignoreFile } from "./ignored-tree.ts";

async function treeOf(files: Readonly<Record<string, string>>): Promise<FileTree> {
  const root = await mkdtemp(join(tmpdir(), "mooring-ignored-tree-"));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return directoryTree(root);
}

async function paths(tree: FileTree, at = ""): Promise<readonly string[]> {
  const found: string[] = [];
  for (const name of await tree.list(at)) {
    const path = at === "" ? name : `${at}/${name}`;
    const entry = await tree.entry(path);
    found.push(...(entry?.kind === "directory" ? await paths(tree, path) : [path]));
  }
  return found;
}

const files = { "README.md": "", "app/web.yaml": "", "app/notes.md": "", "ci/build.yaml": "", "ci/deep/x.yaml": "" };

test.each([
  ["nothing", "", Object.keys(files)],
  ["files by pattern", "*.md", ["app/web.yaml", "ci/build.yaml", "ci/deep/x.yaml"]],
  ["a folder with all it holds", "/ci/", ["README.md", "app/notes.md", "app/web.yaml"]],
  ["all but one", "*.md\n!app/notes.md", ["app/notes.md", "app/web.yaml", "ci/build.yaml", "ci/deep/x.yaml"]],
  ["all but a folder", "/*\n!/app\n", ["app/notes.md", "app/web.yaml"]],
  ["with a comment", "# *.yaml\nci", ["README.md", "app/notes.md", "app/web.yaml"]],
])("hides %s", async (_, text, left) => {
  const tree = await ignoredTree(await treeOf(files), text);
  expect((await paths(tree)).toSorted()).toEqual(left.toSorted());
});

test("what is hidden cannot be read either", async () => {
  const tree = await ignoredTree(await treeOf(files), "ci");
  expect(await tree.entry("ci")).toBeUndefined();
  expect(await tree.entry("ci/deep/x.yaml")).toBeUndefined();
  await expect(tree.read("ci/build.yaml")).rejects.toThrow(
    "it may be named in .mooringignore or in spec.source.ignore",
  );
  await expect(tree.list("ci")).rejects.toMatchObject({ code: "PathNotFound" });
});

test("the file in the repository counts, and the spec may take back what it hides", async () => {
  const tree = await treeOf({ ...files, ".mooringignore": "*.md\nci\n" });
  expect(await paths(await ignoredTree(tree, ""))).toEqual([".mooringignore", "app/web.yaml"]);
  expect(await paths(await ignoredTree(tree, "!README.md"))).toEqual([".mooringignore", "README.md", "app/web.yaml"]);
});

test("one character is one of Unicode", async () => {
  const tree = await treeOf({ "ü.md": "", "😀.md": "", "ab.md": "" });
  expect(await paths(await ignoredTree(tree, "?.md"))).toEqual(["ab.md"]);
  expect((await paths(await ignoredTree(tree, "[ü😀].md"))).toSorted()).toEqual(["ab.md"]);
});

test.each([
  ["# a\n".repeat(30_000), "spec.source.ignore is longer than 100000 characters"],
  ["a\n".repeat(1_001), "spec.source.ignore has more than 1000 patterns"],
  [`a\n${"b".repeat(1_001)}`, "spec.source.ignore has a pattern of more than 1000 characters in line 2"],
])("too much is refused by name", async (text, message) => {
  await expect(ignoredTree(memoryTree({}), text)).rejects.toMatchObject({
    code: "InputTooLarge",
    problems: [{ message }],
  });
  const inTree = ignoredTree(memoryTree({ [ignoreFile]: text }), "");
  await expect(inTree).rejects.toMatchObject({ code: "InputTooLarge", problems: [{ file: ignoreFile }] });
});

test("stars upon stars are refused once they have taken too many steps", async () => {
  const name = (index: number) => `${"a".repeat(240)}${index}b`;
  const many = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [name(index), ""]));
  const one = await ignoredTree(memoryTree(many), "*a*a*a*a*a*a*a*a*a*a*a*c?", 1_000_000);
  expect(await one.list("")).toHaveLength(20);
  const hostile = await ignoredTree(memoryTree(many), `${"*a".repeat(400)}*c?b\n`.repeat(100), 1_000_000);
  await expect(hostile.list("")).rejects.toMatchObject({
    code: "InputTooLarge",
    message: expect.stringContaining("patterns of .mooringignore and spec.source.ignore take more than 1000000 steps"),
  });
});

test("a hundred files and a thousand patterns stay within a hundredth of the limit", async () => {
  const many = Object.fromEntries(
    Array.from({ length: 100 }, (_, index) => [`app-${index % 2}/base/f${index}.yaml`, ""]),
  );
  const patterns = ["*.md", "/ci/", "**/test-?", "docs/**/*.png", "build-[0-9]*", "!keep/**", "/app-1*/base/*9.yaml"];
  const text = Array.from({ length: 1_000 }, (_, index) => patterns[index % patterns.length]).join("\n");
  expect(await paths(await ignoredTree(memoryTree(many), text, 1_000_000))).toHaveLength(90);
});
