import { describe, expect, test } from "vitest";
import type { FileTree } from "../model/file-tree.ts";
import { memoryTree } from "./memory-tree.ts";
import { createRenderCache } from "./render-cache.ts";

const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const files = { "app/kustomization.yaml": "resources: [a.yaml]", "app/a.yaml": map("a"), "other/b.yaml": map("b") };

/** A tree whose files have ids, as Git's have, and that counts what is read. */
function counting(contents: Readonly<Record<string, string>>): FileTree & { readonly reads: string[] } {
  const tree = memoryTree(contents);
  const reads: string[] = [];
  return {
    reads,
    list: (path) => tree.list(path),
    async entry(path) {
      const entry = await tree.entry(path);
      return entry?.kind === "file" ? { ...entry, oid: `id of ${contents[path]}` } : entry;
    },
    async read(path) {
      reads.push(path);
      return tree.read(path);
    },
  };
}

describe("a cache of builds", () => {
  test("gives the same answer again where nothing it was built from has changed, without reading", async () => {
    const cache = createRenderCache();
    const first = await cache.render(counting(files), "app");
    const tree = counting({ ...files, "other/b.yaml": map("changed") });
    expect(await cache.render(tree, "app")).toBe(first);
    expect(tree.reads).toEqual([]);
  });

  test.each([
    ["a changed file", { "app/a.yaml": map("c") }],
    ["a second kustomization", { "app/kustomization.yml": "resources: []" }],
  ])("builds again after %s", async (_, changes) => {
    const cache = createRenderCache();
    const first = await cache.render(counting(files), "app");
    const second = cache.render(counting({ ...files, ...changes }), "app");
    expect(await second.catch(() => undefined)).not.toBe(first);
  });

  test("does not take one path or option for another", async () => {
    const cache = createRenderCache();
    const first = await cache.render(memoryTree(files), "app");
    expect(await cache.render(memoryTree(files), "app", { post: { namePrefix: "x-" } })).not.toBe(first);
    expect(await cache.render(memoryTree(files), "other", { plainFolders: true })).not.toBe(first);
  });

  test("notices a new file in a folder without a kustomization", async () => {
    const cache = createRenderCache();
    await cache.render(memoryTree(files), "other", { plainFolders: true });
    const second = await cache.render(memoryTree({ ...files, "other/c.yaml": map("c") }), "other", {
      plainFolders: true,
    });
    expect(second.objects).toHaveLength(2);
  });
});
