import { createHash } from "node:crypto";
import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { mountedTree } from "../git/submodules.ts";

/**
 * The tree with other trees at paths that are not in it, so that one tree holds all that a build reads. Symbolic links in
 * these lead nowhere outside them: reading one that would throws `Failure` (PathEscapes).
 */
export function withMounts(tree: FileTree, mounts: ReadonlyMap<string, FileTree>): FileTree {
  if (mounts.size === 0) return tree;
  const contained = [...mounts].map(([path, mounted]) => [path, containedTree(path, mounted)] as const);
  const whole = mountedTree(tree, new Map(contained));
  const above = new Set([...mounts.keys()].flatMap(parentsOf));
  const names = (path: string): readonly string[] => {
    const inside = [...mounts.keys()].filter((mount) => mount.startsWith(`${path}/`));
    return [...new Set(inside.map((mount) => mount.slice(path.length + 1).split("/", 1)[0] ?? ""))].sort();
  };
  return {
    ...whole,
    entry: async (path) => (above.has(path) ? { kind: "directory" } : whole.entry(path)),
    // A folder of the tree's own holds what it held; what only leads to another tree holds that.
    list: async (path) => {
      const isOwn = !above.has(path) || (await tree.entry(path))?.kind === "directory";
      return isOwn ? whole.list(path) : names(path);
    },
  };
}

/** A tree that is one file. */
export function fileAsTree(content: Uint8Array): FileTree {
  const read = async (path: string): Promise<Uint8Array> => {
    if (path === "") return content;
    throw new Failure("PathNotFound", { message: `there is no ${path} in a file` });
  };
  return {
    id: createHash("sha256").update(content).digest("hex"),
    entry: async (path) => (path === "" ? { kind: "file", size: content.length } : undefined),
    read,
    list: async (path) => {
      throw new Failure("PathNotFound", { message: `${path || "this"} is not a folder` });
    },
  };
}

function containedTree(at: string, tree: FileTree): FileTree {
  return {
    ...tree,
    async read(path) {
      const content = await tree.read(path);
      if ((await tree.entry(path))?.kind !== "symlink") return content;
      const target = new TextDecoder().decode(content);
      if (!leadsOut(path, target)) return content;
      throw new Failure("PathEscapes", {
        message: `the symbolic link leads to '${target}', which is outside the repository`,
        file: `${at}/${path}`,
      });
    },
  };
}

function leadsOut(link: string, target: string): boolean {
  let depth = link.split("/").length - 1;
  for (const part of target.split("/")) {
    if (part === "..") depth -= 1;
    else if (part !== "" && part !== ".") depth += 1;
    if (depth < 0) return true;
  }
  return target.startsWith("/");
}

function parentsOf(path: string): readonly string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}
