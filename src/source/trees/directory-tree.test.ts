import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { directoryTree } from "./directory-tree.ts";

let parent: string;
let root: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), "mooring-directory-tree-"));
  root = join(parent, "root");
  await mkdir(join(root, "base", "deep"), { recursive: true });
  await mkdir(join(root, ".git"));
  await writeFile(join(parent, "secret"), "outside");
  await writeFile(join(root, "base", "web.yaml"), "kind: Service\n");
  await writeFile(join(root, "base", "Zed"), "");
  await symlink("../../secret", join(root, "base", "link"));
  await symlink("..", join(root, "up"));
});
afterEach(() => rm(parent, { recursive: true }));

test("entries are files, directories and links, which are not followed", async () => {
  const tree = directoryTree(root);
  expect(await tree.entry("")).toEqual({ kind: "directory" });
  expect(await tree.entry("base")).toEqual({ kind: "directory" });
  expect(await tree.entry("base/web.yaml")).toEqual({ kind: "file", size: 14 });
  expect(await tree.entry("base/link")).toEqual({ kind: "symlink" });
  expect(new TextDecoder().decode(await tree.read("base/link"))).toBe("../../secret");
  expect(await tree.entry("base/none")).toBeUndefined();
});

test("names are sorted by code unit, without .git", async () => {
  const tree = directoryTree(root);
  expect(await tree.list("")).toEqual(["base", "up"]);
  expect(await tree.list("base")).toEqual(["Zed", "deep", "link", "web.yaml"]);
});

test.each([
  "../secret",
  "base/../../secret",
  "/etc/passwd",
  "up/secret",
  "up/root/base/web.yaml",
  "base//web.yaml",
  "./base",
])("nothing is at %s", async (path) => {
  const tree = directoryTree(root);
  expect(await tree.entry(path)).toBeUndefined();
  await expect(tree.read(path)).rejects.toMatchObject({ code: "PathNotFound" });
  await expect(tree.list(path)).rejects.toMatchObject({ code: "PathNotFound" });
});

test("the root may be a link, and must be there", async () => {
  await symlink(root, join(parent, "alias"));
  expect(await directoryTree(join(parent, "alias")).list("base/deep")).toEqual([]);
  expect(await directoryTree(join(parent, "none")).entry("")).toBeUndefined();
  await expect(directoryTree(join(parent, "none")).list("")).rejects.toMatchObject({ code: "PathNotFound" });
});
