import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { FileTree } from "../model/file-tree.ts";
import { directoryTree } from "./directory-tree.ts";
import { ignoredTree } from "./ignored-tree.ts";

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
