import { describe, expect, test } from "vitest";
import type { FileTree } from "../../model/file-tree.ts";
import { memoryTree } from "../../render/index.ts";
import { fileAsTree, withMounts } from "./mounts.ts";

const own = memoryTree({ "app/web.yaml": "own", "git.example.com/notes.md": "own too" });
const base = memoryTree({ "base/kustomization.yaml": "base", "README.md": "read me" });
const at = "git.example.com/acme/shop@1a2b3c";
const whole = withMounts(own, new Map([[at, base]]));
const read = async (tree: FileTree, path: string) => new TextDecoder().decode(await tree.read(path));

describe("a tree with another one in it", () => {
  test("holds both", async () => {
    expect(await read(whole, "app/web.yaml")).toBe("own");
    expect(await read(whole, `${at}/base/kustomization.yaml`)).toBe("base");
    expect(await whole.list(at)).toEqual(["README.md", "base"]);
  });

  test("leads to it from its root", async () => {
    expect(await whole.entry("git.example.com/acme")).toEqual({ kind: "directory" });
    expect(await whole.list("git.example.com/acme")).toEqual(["shop@1a2b3c"]);
    expect(await whole.entry(at)).toMatchObject({ kind: "directory" });
  });

  test("shows in its own folders what was in them before", async () => {
    expect(await whole.list("")).toEqual(["app", "git.example.com"]);
    expect(await whole.list("git.example.com")).toEqual(["notes.md"]);
    expect(await read(whole, "git.example.com/notes.md")).toBe("own too");
  });

  test("is itself where nothing is put into it", () => {
    expect(withMounts(own, new Map())).toBe(own);
  });

  test("lists each of several once", async () => {
    const mounts = new Map([
      ["host/b/x", base],
      ["host/a/y", base],
      ["host/a/z", base],
    ]);
    const several = withMounts(memoryTree({}), mounts);
    expect(await several.list("host")).toEqual(["a", "b"]);
    expect(await several.list("host/a")).toEqual(["y", "z"]);
  });
});

describe("a symbolic link in what is put into it", () => {
  const linking = (path: string, target: string): FileTree => ({
    ...base,
    entry: async (asked) => (asked === path ? { kind: "symlink" } : base.entry(asked)),
    read: async (asked) => (asked === path ? new TextEncoder().encode(target) : base.read(asked)),
  });
  test.each([
    ["link", "README.md"],
    ["a/link", "../README.md"],
    ["a/b/link", "../../x"],
    ["link", "./a/../b"],
    ["link", "a/b/../../c"],
  ])("%s to %s is read", async (path, target) => {
    expect(await read(withMounts(own, new Map([[at, linking(path, target)]])), `${at}/${path}`)).toBe(target);
  });

  test.each([
    ["link", "../other"],
    ["link", ".."],
    ["a/link", "../../x"],
    ["link", "a/../../b"],
    ["link", "/etc/passwd"],
    ["a/b/link", "../../../x/y"],
    ["link", "./../x"],
  ])("%s to %s is refused", async (path, target) => {
    const reading = withMounts(own, new Map([[at, linking(path, target)]])).read(`${at}/${path}`);
    await expect(reading).rejects.toMatchObject({
      code: "PathEscapes",
      problems: [
        { file: `${at}/${path}`, message: `the symbolic link leads to '${target}', which is outside the repository` },
      ],
    });
  });
});

describe("a file as a tree", () => {
  const tree = fileAsTree(Buffer.from("kind: Service\n"));
  test("is that file and nothing else", async () => {
    expect(await tree.entry("")).toEqual({ kind: "file", size: 14 });
    expect(await read(tree, "")).toBe("kind: Service\n");
    expect(await tree.entry("a")).toBeUndefined();
    await expect(tree.read("a")).rejects.toMatchObject({ code: "PathNotFound" });
    await expect(tree.list("")).rejects.toMatchObject({ code: "PathNotFound", message: "this is not a folder" });
  });

  test("is named by its content", () => {
    // What `sha256sum` prints of nothing.
    expect(fileAsTree(Buffer.alloc(0)).id).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  });
});
