import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import type { Remotes } from "../../model/remote.ts";
import type { Loader } from "./loader.ts";
import { findPath } from "./paths.ts";

/**
 * A loader for the outermost kustomization. Throws `Failure` (PathNotFound, PathEscapes) where its directory, from the
 * root of the tree, is none; undefined stands for a path that leads out of the tree.
 */
export async function startLoader(
  tree: FileTree,
  directory: string | undefined,
  { unrestricted, remotes }: { readonly unrestricted: boolean; readonly remotes: Remotes },
): Promise<Loader> {
  if (directory === undefined) {
    throw new Failure("PathEscapes", { message: "the path leads out of the repository" });
  }
  const found = await findPath(tree, directory);
  if (found === undefined) {
    throw new Failure("PathNotFound", { message: `the path '${directory}' does not exist`, file: directory });
  }
  if (found.entry.kind !== "directory") {
    const message = `the path '${directory}' is a file: must build at directory`;
    throw new Failure("PathNotFound", { message, file: directory });
  }
  return { tree, root: found.path, roots: [found.path], unrestricted, repository: "", remotes, references: [] };
}
