import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";

/** A tree of files given as texts or bytes by path: for callers that have no repository at hand. */
export function memoryTree(files: Readonly<Record<string, string | Uint8Array>>): FileTree {
  const encoder = new TextEncoder();
  const contents = new Map<string, Uint8Array>();
  const directories = new Map<string, Set<string>>([["", new Set()]]);
  for (const [path, content] of Object.entries(files)) {
    contents.set(path, typeof content === "string" ? encoder.encode(content) : content);
    addToDirectories(directories, path);
  }
  const missing = (path: string) => new Failure("PathNotFound", { message: "no such file or directory", file: path });
  return {
    entry: async (path) => {
      if (directories.has(path)) return { kind: "directory" };
      const content = contents.get(path);
      return content === undefined ? undefined : { kind: "file", size: content.byteLength };
    },
    read: async (path) => {
      const content = contents.get(path);
      if (content === undefined) throw missing(path);
      return content;
    },
    list: async (path) => {
      const names = directories.get(path);
      if (names === undefined) throw missing(path);
      return [...names].sort();
    },
  };
}

function addToDirectories(directories: Map<string, Set<string>>, path: string): void {
  let directory = "";
  for (const part of path.split("/")) {
    const names = directories.get(directory) ?? new Set();
    directories.set(directory, names.add(part));
    directory = directory === "" ? part : `${directory}/${part}`;
  }
}
