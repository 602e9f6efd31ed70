import { createHash } from "node:crypto";
import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { hides, type IgnoreRule, readIgnoreRules } from "./ignore/rules.ts";

/** The file in the root of a repository that names what Mooring must not see, in `.gitignore` syntax. */
export const ignoreFile = ".mooringignore";

/** Steps of matching over all paths of one tree: about a second of work. */
const stepLimit = 100_000_000;

/**
 * The tree without what is ignored: by `.mooringignore` in its root, and by `ignoreText`, which comes after it and so may
 * take back (`!path`) what the file says. Both in `.gitignore` syntax. An ignored directory is gone with all it holds.
 * Throws `Failure` (InputTooLarge) where they are too large, and on use where they take more than `mostSteps` on these paths.
 */
export async function ignoredTree(
  tree: FileTree,
  ignoreText: string,
  mostSteps: number = stepLimit,
): Promise<FileTree> {
  const inTree = (await tree.entry(ignoreFile))?.kind === "file" ? await tree.read(ignoreFile) : new Uint8Array();
  const rules = [
    ...readIgnoreRules(new TextDecoder().decode(inTree), { name: ignoreFile, file: ignoreFile }),
    ...readIgnoreRules(ignoreText, { name: "spec.source.ignore" }),
  ];
  if (rules.length === 0) return tree;

  const hidden = hiding(rules, mostSteps);
  const visible = async (path: string) => {
    const entry = await tree.entry(path);
    return entry === undefined || hidden(path, entry.kind === "directory") ? undefined : entry;
  };

  return {
    ...(tree.id === undefined ? {} : { id: digestOf([tree.id, ignoreText]) }),
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

/** What the file says is in the tree itself. */
function digestOf(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}

/** Whether rules hide a path that is in the tree, or a directory above it; remembers what it found. */
function hiding(rules: readonly IgnoreRule[], mostSteps: number): (path: string, directory: boolean) => boolean {
  const known = new Map([["", false]]);
  let steps = 0;
  const spend = (more: number): void => {
    steps += more;
    if (steps > mostSteps) throw tooManySteps(mostSteps);
  };
  return (path, directory) => {
    const unknown: string[] = [];
    let at = path;
    for (; !known.has(at); at = parentOf(at)) unknown.push(at);
    let found = known.get(at) === true;
    for (const each of unknown.toReversed()) {
      found ||= hides(rules, each, directory || each !== path, spend);
      known.set(each, found);
    }
    return found;
  };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("/"), 0));
}

function tooManySteps(mostSteps: number): Failure {
  return new Failure("InputTooLarge", {
    message: `the patterns of ${ignoreFile} and spec.source.ignore take more than ${mostSteps} steps on the paths of the repository`,
    hint: "write fewer patterns, with fewer stars in each",
  });
}

function ignored(path: string): Failure {
  return new Failure("PathNotFound", {
    message: `there is no ${path} in the repository`,
    hint: `where it should be there: it may be named in ${ignoreFile} or in spec.source.ignore`,
  });
}
