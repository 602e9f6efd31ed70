import { expect, test } from "vitest";
import type { FileTree } from "../../model/file-tree.ts";
import { memoryTree } from "../../render/index.ts";
import { withMounts } from "../../source/remotes/mounts.ts";
import { remoteTree, replyTo } from "./remote-tree.ts";

/** A tree as a worker sees it. */
const fromAfar = (tree: FileTree) => remoteTree((question) => replyTo(tree, question));
const read = async (tree: FileTree, path: string) => new TextDecoder().decode(await tree.read(path));

test("what was fetched from elsewhere is there for a worker, and stands in no folder of the repository", async () => {
  const own = memoryTree({ "app/kustomization.yaml": "own" });
  const base = memoryTree({ "base/kustomization.yaml": "base" });
  const tree = fromAfar(withMounts(own, new Map([["git.example.com/acme/base@1a2b", base]])));
  expect(await tree.entry("git.example.com/acme/base@1a2b/base")).toEqual({ kind: "directory" });
  expect(await tree.entry("git.example.com/acme/base@1a2b/base/kustomization.yaml")).toMatchObject({ kind: "file" });
  expect(await read(tree, "git.example.com/acme/base@1a2b/base/kustomization.yaml")).toBe("base");
  expect(await tree.list("git.example.com")).toEqual(["acme"]);
  expect(await tree.list("git.example.com/acme/base@1a2b")).toEqual(["base"]);
  expect(await tree.list("")).toEqual(["app"]);
  expect(await tree.entry("app/kustomization.yaml")).toMatchObject({ kind: "file" });
  expect(await tree.entry("app/nothing.yaml")).toBeUndefined();
  expect(await tree.entry("nowhere/nothing.yaml")).toBeUndefined();
});
