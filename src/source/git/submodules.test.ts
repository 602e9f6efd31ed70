import { expect, it } from "vitest";
import type { FileTree } from "../../model/file-tree.ts";
import { submodulesOf } from "./submodules.ts";

/** A tree with a .gitmodules, and the folders that it names with a commit for each. */
function treeOf(modules: string): FileTree {
  return {
    entry: async (path) =>
      path === ".gitmodules"
        ? { kind: "file" }
        : { kind: "directory", oid: "4b825dc642cb6eb9a060e54bf8d69288fbee4904" },
    read: async () => new TextEncoder().encode(modules),
    list: async () => [],
  };
}

const section = (index: number) => `[submodule "m${index}"]\n\tpath = m${index}\n\turl = ../m${index}.git\n`;
const sections = (count: number) => Array.from({ length: count }, (_, index) => section(index)).join("");
const read = (modules: string) => submodulesOf(treeOf(modules), "https://git.example.com/acme/environment.git");

it("reads as many submodules as a repository may have", async () => {
  const found = await read(sections(50));
  expect(found).toHaveLength(50);
  expect(found[49]).toEqual({
    path: "m49",
    url: "https://git.example.com/acme/m49.git",
    commit: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
  });
});

it.each([
  ["submodules", sections(51), "names more than 50 submodules of the repository"],
  ["sections", '[submodule "gone"]\n'.repeat(1_001), "has more than 1000 sections"],
  ["bytes", `# ${"x".repeat(256 * 1024)}\n`, "has more than 262144 bytes"],
])("refuses too many %s", async (_what, modules, message) => {
  await expect(read(modules)).rejects.toMatchObject({
    code: "InputTooLarge",
    problems: [{ file: ".gitmodules", message }],
  });
});
