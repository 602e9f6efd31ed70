import { Failure } from "../../model/failure.ts";
import type { FileTree, TreeEntry } from "../../model/file-tree.ts";

/** What stands at the end of a path, symbolic links followed. */
export interface Found {
  /** Where it really is, from the root of the tree. */
  readonly path: string;
  readonly entry: TreeEntry;
}

/** As many symbolic links on one path as Linux follows before it takes them for a circle. */
const maxLinks = 40;

/**
 * Joins a path to a directory and resolves `.` and `..` by name; undefined where that leads out of the tree.
 */
export function joinPath(directory: string, path: string): string | undefined {
  const parts: string[] = directory === "" ? [] : directory.split("/");
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== "..") parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join("/");
}

/** The directory a path is in; empty for the root. */
function directoryOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}

/** The last part of a path. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/** Tells whether a path is a directory itself or something in or below it. */
export function isWithin(path: string, directory: string): boolean {
  return directory === "" || path === directory || path.startsWith(`${directory}/`);
}

/**
 * Finds what stands at a path, which must be free of `..`; undefined where there is nothing.
 * Throws `Failure` (PathEscapes) where symbolic links lead out of the tree or in a circle.
 */
export async function findPath(tree: FileTree, path: string): Promise<Found | undefined> {
  let real = "";
  let rest = path === "" ? [] : path.split("/");
  let entry: TreeEntry | undefined = { kind: "directory" };
  for (let links = 0; rest.length > 0; ) {
    const [part, ...others] = rest;
    if (entry.kind !== "directory" || part === undefined) return undefined;
    const next: string = real === "" ? part : `${real}/${part}`;
    entry = await tree.entry(next);
    if (entry === undefined) return undefined;
    if (entry.kind !== "symlink") {
      real = next;
      rest = others;
      continue;
    }
    if (++links > maxLinks) throw new Failure("PathEscapes", { message: "symbolic links form a loop", file: path });
    const target = await linkTarget(tree, next);
    rest = [...(target === "" ? [] : target.split("/")), ...others];
    real = "";
    entry = { kind: "directory" };
  }
  return { path: real, entry };
}

async function linkTarget(tree: FileTree, link: string): Promise<string> {
  const target = new TextDecoder().decode(await tree.read(link));
  const resolved = target.startsWith("/") ? undefined : joinPath(directoryOf(link), target);
  if (resolved !== undefined) return resolved;
  throw new Failure("PathEscapes", {
    message: `the symbolic link leads to '${target}', which is outside the repository`,
    file: link,
  });
}
