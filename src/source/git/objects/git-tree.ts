import { Failure } from "../../../model/failure.ts";
import type { FileTree } from "../../../model/file-tree.ts";
import type { ObjectStore } from "./object-store.ts";
import { parseTree, type TreeLine } from "./tree-lines.ts";

const lfsPointer = "version https://git-lfs.github.com/spec/v1\n";

/**
 * The files of a Git tree, read from the store on demand; folders are read once. A submodule is an empty
 * folder, as in a clone that does not recurse. Reading the pointer of a file that Git LFS keeps elsewhere throws
 * `Failure` (SourceInvalid), so that nobody takes the pointer for the file.
 */
export function gitTree(root: string, objects: ObjectStore): FileTree {
  const folders = new Map<string, Promise<ReadonlyMap<string, TreeLine>>>();

  const folder = (oid: string): Promise<ReadonlyMap<string, TreeLine>> => {
    const known = folders.get(oid);
    if (known !== undefined) return known;
    const lines = objects.read(oid, "tree").then(parseTree);
    folders.set(oid, lines);
    // The caller gets the failure; the next call reads anew.
    lines.catch(() => folders.delete(oid));
    return lines;
  };

  const find = async (path: string): Promise<TreeLine | undefined> => {
    let found: TreeLine | undefined = { name: "", kind: "directory", oid: root };
    for (const name of path === "" ? [] : path.split("/")) {
      if (found?.kind !== "directory") return undefined;
      found = (await folder(found.oid)).get(name);
    }
    return found;
  };

  return {
    id: root,
    async entry(path) {
      const found = await find(path);
      if (found === undefined) return undefined;
      return { kind: found.kind === "submodule" ? "directory" : found.kind, oid: found.oid };
    },
    async read(path) {
      const found = await find(path);
      if (found?.kind !== "file" && found?.kind !== "symlink") throw missing(path, "file");
      const content = await objects.read(found.oid, "blob");
      if (content.toString("latin1", 0, lfsPointer.length) === lfsPointer) throw keptByLfs(path);
      return content;
    },
    async list(path) {
      const found = await find(path);
      if (found?.kind === "submodule") return [];
      if (found?.kind !== "directory") throw missing(path, "folder");
      return [...(await folder(found.oid)).keys()].sort();
    },
  };
}

function missing(path: string, kind: string): Failure {
  return new Failure("PathNotFound", { message: `there is no ${kind} ${path === "" ? "." : path} in the repository` });
}

function keptByLfs(file: string): Failure {
  return new Failure("SourceInvalid", {
    file,
    message: "is stored in Git LFS, which is not supported",
    hint: `commit the file itself: git lfs untrack ${file} && git add --renormalize ${file}`,
  });
}
