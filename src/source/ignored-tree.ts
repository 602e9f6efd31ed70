import ignore from "ignore";
import { Failure } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";

/** The file in the root of a repository that names what Mooring must not see, in `.gitignore` syntax. */
export const ignoreFile = ".mooringignore";

/**
 * The tree without what is ignored: by `.mooringignore` in its root, and by `ignoreText`, which comes after it and so may
 * take back (`!path`) what the file says. Both in `.gitignore` syntax. An ignored directory is gone with all it holds.
 */
export async function ignoredTree(tree: FileTree, ignoreText: string): Promise<FileTree> {
  const inTree = (await tree.entry(ignoreFile))?.kind === "file" ? await tree.read(ignoreFile) : new Uint8Array();
  const rules = `${new TextDecoder().decode(inTree)}\n${ignoreText}`;
  if (rules.trim() === "") return tree;
  const matcher = ignore().add(rules);

  const hidden = (path: string, directory: boolean): boolean =>
    path !== "" && matcher.ignores(directory ? `${path}/` : path);
  const visible = async (path: string) => {
    const entry = await tree.entry(path);
    return entry === undefined || hidden(path, entry.kind === "directory") ? undefined : entry;
  };

  return {
    entry: visible,
    async read(path) {
      if ((await visible(path)) === undefined) throw ignored(path);
      return tree.read(path);
    },
    async list(path) {
      if ((await visible(path)) === undefined) throw ignored(path);
      const names = await tree.list(path);
      const kept = await Promise.all(names.map((name) => visible(path === "" ? name : `${path}/${name}`)));
      return names.filter((_, index) => kept[index] !== undefined);
    },
  };
}

function ignored(path: string): Failure {
  return new Failure("PathNotFound", {
    message: `there is no ${path} in the repository`,
    hint: `where it should be there: it may be named in ${ignoreFile} or in spec.source.ignore`,
  });
}
