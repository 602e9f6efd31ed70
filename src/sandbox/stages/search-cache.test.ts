import { expect, test } from "vitest";
import { readEnvironment } from "../../api/environment/environment.ts";
import type { EnvironmentSpec } from "../../api/environment/environment-spec.ts";
import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import type { Remotes } from "../../model/remote.ts";
import { memoryTree, recordingTree } from "../../render/index.ts";
import { cachedSearch } from "./search-cache.ts";
import { findStageRemotes } from "./stages.ts";

const source = { url: "https://git.example.com/a" };
const { spec } = readEnvironment({ metadata: { name: "a", namespace: "b" }, spec: { source, path: "./app" } });
const base = "https://git.example.com/acme/base//web?ref=v1";
const files = { "app/kustomization.yaml": `resources: ["${base}"]`, "other/kustomization.yaml": "resources: []" };
const none: Remotes = new Map();

/** A search that remembers, and how often it really looked. */
function counted() {
  let looked = 0;
  const find = cachedSearch(async (tree: FileTree, its, remotes) => {
    looked += 1;
    const trace = new Map<string, string>();
    return { references: await findStageRemotes(recordingTree(tree, trace), its, remotes), trace };
  });
  return { find, looked: () => looked };
}

test("what was found is given again where nothing changed that was looked at", async () => {
  const { find, looked } = counted();
  const first = await find(memoryTree(files), spec, none);
  expect(first).toMatchObject([{ text: base }]);
  expect(await find(memoryTree({ ...files, "other/a.yaml": "a: b" }), spec, none)).toBe(first);
  expect(looked()).toBe(1);
});

test.each<[string, Readonly<Record<string, string>>, EnvironmentSpec, Remotes]>([
  ["a file", { ...files, "app/kustomization.yaml": `resources: ["${base}", "${base}2"]` }, spec, none],
  ["the spec", files, { ...spec, path: "./other" }, none],
  [
    "what was fetched",
    { ...files, "elsewhere/kustomization.yaml": "resources: []" },
    spec,
    new Map([["x", { repository: "elsewhere", path: "elsewhere" }]]),
  ],
])("it is looked for anew after a change of %s", async (_, changed, its, remotes) => {
  const { find, looked } = counted();
  await find(memoryTree(files), spec, none);
  await find(memoryTree(changed), its, remotes);
  expect(looked()).toBe(2);
});

test("a file that was missing is noticed when it is there", async () => {
  const { find, looked } = counted();
  expect(await find(memoryTree({ "other/a.yaml": "" }), spec, none)).toEqual([]);
  expect(await find(memoryTree(files), spec, none)).toHaveLength(1);
  expect(looked()).toBe(2);
});

test("what went wrong is not remembered", async () => {
  const { find } = counted();
  const lost = new Failure("SourceUnreachable", { message: "gone" });
  const broken: FileTree = { ...memoryTree(files), read: () => Promise.reject(lost) };
  await expect(find(broken, spec, none)).rejects.toBe(lost);
  expect(await find(memoryTree(files), spec, none)).toHaveLength(1);
});
