import { describe, expect, test } from "vitest";
import type { FileTree } from "../../model/file-tree.ts";
import { memoryTree } from "../../render/index.ts";
import { type BuildRequest, buildHere } from "./build.ts";
import { cachedBuilds } from "./build-cache.ts";

const map = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;
const files = { "app/kustomization.yaml": "resources: [a.yaml]", "app/a.yaml": map("a"), "other/b.yaml": map("b") };
const request = (path: string, post = {}): BuildRequest => ({ path, post, remotes: new Map(), sops: undefined });

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
    const build = cachedBuilds(buildHere, 5);
    const first = await build(counting(files), request("app"));
    const tree = counting({ ...files, "other/b.yaml": map("changed") });
    expect(await build(tree, request("app"))).toBe(first);
    expect(tree.reads).toEqual([]);
  });

  test.each([
    ["a changed file", { "app/a.yaml": map("c") }],
    ["a second kustomization", { "app/kustomization.yml": "resources: []" }],
  ])("builds again after %s", async (_, changes) => {
    const build = cachedBuilds(buildHere, 5);
    const first = await build(counting(files), request("app"));
    const second = build(counting({ ...files, ...changes }), request("app"));
    expect(await second.catch(() => undefined)).not.toBe(first);
  });

  test("does not take one path, option or key for another", async () => {
    const build = cachedBuilds(buildHere, 5);
    const first = await build(memoryTree(files), request("app"));
    expect(await build(memoryTree(files), request("app", { namePrefix: "x-" }))).not.toBe(first);
    expect(await build(memoryTree(files), request("other"))).not.toBe(first);
    expect(await build(memoryTree(files), { ...request("app"), sops: {} })).not.toBe(first);
  });

  test("notices a new file in a folder without a kustomization", async () => {
    const build = cachedBuilds(buildHere, 5);
    await build(memoryTree(files), request("other"));
    const second = await build(memoryTree({ ...files, "other/c.yaml": map("c") }), request("other"));
    expect(second.manifests).toHaveLength(2);
  });

  test("keeps no more builds than it may", async () => {
    const build = cachedBuilds(buildHere, 1);
    const first = await build(memoryTree(files), request("app"));
    await build(memoryTree(files), request("other"));
    expect(await build(memoryTree(files), request("app"))).not.toBe(first);
  });

  test("keeps one build of a folder, however often its variables change", async () => {
    const asked: string[] = [];
    const build = cachedBuilds(async (_tree, { path }) => {
      asked.push(path);
      return { manifests: [], trace: new Map() };
    }, 2);
    for (let n = 0; n < 50; n++) await build(memoryTree(files), request("app", { namePrefix: `x${n}-` }));
    await build(memoryTree(files), request("other"));
    await build(memoryTree(files), request("app", { namePrefix: "x49-" }));
    await build(memoryTree(files), request("other"));
    expect(asked).toHaveLength(51);
    await build(memoryTree(files), request("app", { namePrefix: "x48-" }));
    expect(asked).toHaveLength(52);
  });

  test("keeps no more than comes to its size, and so nothing that is larger by itself", async () => {
    const asked: string[] = [];
    const sizes: Readonly<Record<string, number>> = { small: 10, other: 10, large: 95, huge: 101 };
    const built = async (_tree: FileTree, { path }: BuildRequest) => {
      asked.push(path);
      return { manifests: [], trace: new Map(), size: sizes[path] ?? 0 };
    };
    const build = cachedBuilds(built, 50, 100);
    for (const path of ["small", "other", "small", "large", "large", "small", "huge", "huge"])
      await build(memoryTree(files), request(path));
    expect(asked).toEqual(["small", "other", "large", "small", "huge", "huge"]);
  });
});
