import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { git } from "./git-command.ts";

/** Path in the repository → new content; undefined deletes the file. */
export type Changes = Readonly<Record<string, string | Uint8Array | undefined>>;

/** A clone in which a person works. */
export interface WorkTree {
  readonly dir: string;
  /** Writes, commits (also when nothing changes) and pushes the current branch. Answers with the commit's SHA. */
  readonly commit: (changes: Changes, message: string) => Promise<string>;
  /** Copies a folder of this machine to `path` in the tree; `commit` takes it along. */
  readonly copy: (from: string, path: string) => Promise<void>;
  /** Any other git command, in the tree. */
  readonly git: (...args: readonly string[]) => Promise<string>;
  readonly remove: () => Promise<void>;
  readonly [Symbol.asyncDispose]: () => Promise<void>;
}

/** A new work tree on `branch`, in a temporary folder, with the URL (credentials in it where they are needed) as `origin`. */
export async function createWorkTree(url: string, branch: string = "main"): Promise<WorkTree> {
  const dir = await mkdtemp(join(tmpdir(), "mooring-work-tree-"));
  await git(dir, "init", "-q", "-b", branch);
  await git(dir, "remote", "add", "origin", url);
  const remove = (): Promise<void> => rm(dir, { recursive: true, force: true });
  return {
    dir,
    commit: async (changes, message) => {
      await Promise.all(Object.entries(changes).map(([path, content]) => change(join(dir, path), content)));
      await git(dir, "add", "-A");
      await git(dir, "commit", "-q", "--allow-empty", "-m", message);
      await git(dir, "push", "-q", "-f", "origin", "HEAD");
      return git(dir, "rev-parse", "HEAD");
    },
    copy: (from, path) => cp(from, join(dir, path), { recursive: true }),
    git: (...args) => git(dir, ...args),
    remove,
    [Symbol.asyncDispose]: remove,
  };
}

async function change(path: string, content: string | Uint8Array | undefined): Promise<void> {
  if (content === undefined) return rm(path, { recursive: true, force: true });
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, content);
}
