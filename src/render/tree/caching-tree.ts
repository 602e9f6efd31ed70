import type { FileTree, TreeEntry } from "../../model/file-tree.ts";

/** A tree that reads each entry once; for the time of one build, in which a tree does not change. */
export function cachingTree(tree: FileTree): FileTree {
  const entries = new Map<string, Promise<TreeEntry | undefined>>();
  return {
    entry(path) {
      const known = entries.get(path);
      if (known !== undefined) return known;
      const entry = tree.entry(path);
      entries.set(path, entry);
      return entry;
    },
    read: (path) => tree.read(path),
    list: (path) => tree.list(path),
  };
}
