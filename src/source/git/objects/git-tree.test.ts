import { describe, expect, test } from "vitest";
import { nameOf, treeData } from "../../../../test/source/objects/pack-builder.ts";
import { gitTree } from "./git-tree.ts";
import type { ObjectStore } from "./object-store.ts";

const objects = new Map<string, Buffer>();
const put = (type: string, data: Buffer): string => {
  objects.set(nameOf(type, data), data);
  return nameOf(type, data);
};
const blob = (text: string) => put("blob", Buffer.from(text));
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${"0".repeat(64)}\nsize 12345\n`;
const web = blob("kind: Service\n");
const app = put(
  "tree",
  treeData([
    ["100644", "web.yaml", web],
    ["120000", "link", blob("../README.md")],
    ["100644", "logo.png", blob(pointer)],
    ["160000", "vendor", "1".repeat(40)],
  ]),
);
const root = put(
  "tree",
  treeData([
    ["100644", "b.md", blob("")],
    ["40000", "app", app],
    ["40000", "gone", "2".repeat(40)],
    ["100644", "A.md", blob("about LFS: version https://git-lfs.github.com/spec/v1\n")],
  ]),
);

/** The store of these objects, and how often each was read. */
function storeOf() {
  const reads: string[] = [];
  const store: ObjectStore = {
    typeOf: () => undefined,
    async read(oid) {
      reads.push(oid);
      const found = objects.get(oid);
      if (found === undefined) throw new Error(`${oid} is missing`);
      return found;
    },
  };
  return { reads, store };
}

const tree = gitTree(root, storeOf().store);

describe("a path", () => {
  test.each([
    ["", { kind: "directory", oid: root }],
    ["app", { kind: "directory", oid: app }],
    ["app/web.yaml", { kind: "file", oid: web }],
    ["app/link", { kind: "symlink", oid: nameOf("blob", Buffer.from("../README.md")) }],
    ["app/vendor", { kind: "directory", oid: "1".repeat(40) }],
    ["app/none", undefined],
    ["app/web.yaml/x", undefined],
    ["app/vendor/x", undefined],
    ["app/link/x", undefined],
    ["App", undefined],
    ["app/", undefined],
    ["/app", undefined],
    ["app/../b.md", undefined],
    ["__proto__", undefined],
  ])("%j is %j", async (path, entry) => {
    expect(await tree.entry(path)).toEqual(entry);
  });
});

describe("a folder", () => {
  test("is listed by code unit", async () => {
    expect(await tree.list("")).toEqual(["A.md", "app", "b.md", "gone"]);
    expect(await tree.list("app")).toEqual(["link", "logo.png", "vendor", "web.yaml"]);
  });

  test("of a submodule is empty", async () => {
    expect(await tree.list("app/vendor")).toEqual([]);
  });

  test.each([
    ["app/web.yaml", "there is no folder app/web.yaml in the repository"],
    ["none", "there is no folder none in the repository"],
    ["app/link", "there is no folder app/link in the repository"],
  ])("is not %s", async (path, message) => {
    await expect(tree.list(path)).rejects.toMatchObject({ code: "PathNotFound", message });
  });

  test("is read once, however many ask for it", async () => {
    const { store, reads } = storeOf();
    const fresh = gitTree(root, store);
    await Promise.all(["app/web.yaml", "app/link", "app"].map((path) => fresh.entry(path)));
    await fresh.list("app");
    expect(reads).toEqual([root, app]);
  });

  test("that could not be read is read again", async () => {
    const { store, reads } = storeOf();
    const fresh = gitTree(root, store);
    for (let times = 0; times < 2; times++) await expect(fresh.list("gone")).rejects.toThrow("is missing");
    expect(reads.filter((oid) => oid === "2".repeat(40))).toHaveLength(2);
  });
});

describe("a file", () => {
  test("is read, and a link as the path it leads to", async () => {
    expect(Buffer.from(await tree.read("app/web.yaml")).toString()).toBe("kind: Service\n");
    expect(Buffer.from(await tree.read("app/link")).toString()).toBe("../README.md");
    expect(await tree.read("b.md")).toHaveLength(0);
  });

  test.each([
    ["", "there is no file . in the repository"],
    ["app", "there is no file app in the repository"],
    ["app/vendor", "there is no file app/vendor in the repository"],
    ["app/none", "there is no file app/none in the repository"],
  ])("is not %j", async (path, message) => {
    await expect(tree.read(path)).rejects.toMatchObject({ code: "PathNotFound", message });
  });

  test("in Git LFS is refused by its name, and a text about it is not", async () => {
    await expect(tree.read("app/logo.png")).rejects.toMatchObject({
      code: "SourceInvalid",
      problems: [{ file: "app/logo.png", message: "is stored in Git LFS, which is not supported" }],
    });
    expect(Buffer.from(await tree.read("A.md")).toString()).toContain("about LFS");
  });
});

test("the name of the root is the tree's", () => {
  expect(tree.id).toBe(root);
});
