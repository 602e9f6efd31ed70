import { lstat, readdir, readFile, readlink, stat } from "node:fs/promises";
import { join } from "node:path";
import { undefinedIfAbsent } from "../../model/absent.ts";
import { Failure } from "../../model/failure.ts";
import type { FileTree, TreeEntry } from "../../model/file-tree.ts";

/**
 * The files of a local directory, for the CLI. Symbolic links are reported, not followed, and so nothing outside the
 * directory is reached; what is neither file, directory nor link (a socket, a device) is not there.
 */
export function directoryTree(root: string): FileTree {
  const entry = async (path: string): Promise<TreeEntry | undefined> => {
    if (path === "")
      return (await stat(root).catch(undefinedIfAbsent))?.isDirectory() ? { kind: "directory" } : undefined;
    if (!inside(path)) return undefined;
    for (const parent of parentsOf(path))
      if ((await lookAt(join(root, parent)))?.kind !== "directory") return undefined;
    return lookAt(join(root, path));
  };
  return {
    entry,
    async read(path) {
      const found = await entry(path);
      if (found?.kind === "symlink") return new TextEncoder().encode(await readlink(join(root, path)));
      if (found?.kind !== "file") throw missing(root, path, "file");
      return readFile(join(root, path));
    },
    async list(path) {
      if ((await entry(path))?.kind !== "directory") throw missing(root, path, "directory");
      return (await readdir(join(root, path))).filter((name) => path !== "" || name !== ".git").sort();
    },
  };
}

/** `a`, `a/b` of `a/b/c`: a link among them would lead elsewhere. The root itself may be one: the user named it. */
function parentsOf(path: string): readonly string[] {
  const names = path.split("/");
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join("/"));
}

function inside(path: string): boolean {
  return path.split("/").every((name) => name !== "" && name !== "." && name !== "..");
}

async function lookAt(path: string): Promise<TreeEntry | undefined> {
  const found = await lstat(path).catch(undefinedIfAbsent);
  if (found?.isDirectory()) return { kind: "directory" };
  if (found?.isSymbolicLink()) return { kind: "symlink" };
  return found?.isFile() ? { kind: "file", size: found.size } : undefined;
}

function missing(root: string, path: string, kind: string): Failure {
  return new Failure("PathNotFound", { message: `there is no ${kind} ${join(root, path)}` });
}
