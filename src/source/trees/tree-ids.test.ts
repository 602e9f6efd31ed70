import { expect, test } from "vitest";
import { memoryTree } from "../../render/index.ts";
import { mountedTree } from "../git/submodules.ts";
import { fileAsTree, withMounts } from "../remotes/mounts.ts";
import { ignoredTree } from "./ignored-tree.ts";

const named = (id: string) => ({ ...memoryTree({ "a.yaml": "" }), id });
const bytes = (text: string) => Buffer.from(text);

test("trees that hold the same have the same id, and others have another", async () => {
  const mounts = (path: string, id: string) => new Map([[path, named(id)]]);
  const made = async () => [
    named("a").id,
    (await ignoredTree(named("a"), "*.md")).id,
    (await ignoredTree(named("a"), "*.txt")).id,
    (await ignoredTree(named("b"), "*.md")).id,
    mountedTree(named("a"), mounts("sub", "b")).id,
    mountedTree(named("a"), mounts("sub", "c")).id,
    mountedTree(named("b"), mounts("sub", "b")).id,
    mountedTree(named("a"), mounts("other", "b")).id,
    withMounts(named("a"), mounts("host/acme", "b")).id,
    fileAsTree(bytes("x")).id,
    fileAsTree(bytes("y")).id,
  ];
  const [first, second] = [await made(), await made()];
  expect(second).toEqual(first);
  expect(new Set(first).size).toBe(first.length);
  expect(first).not.toContain(undefined);
});

test("a tree in which one stands whose content nobody names has no id", async () => {
  const nameless = memoryTree({});
  expect(mountedTree(named("a"), new Map([["sub", nameless]])).id).toBeUndefined();
  expect(mountedTree(nameless, new Map([["sub", named("a")]])).id).toBeUndefined();
  expect((await ignoredTree(nameless, "*.md")).id).toBeUndefined();
});
