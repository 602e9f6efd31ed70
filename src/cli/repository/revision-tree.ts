import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { Failure } from "../../model/failure.ts";
import type { FileTree, TreeEntry } from "../../model/file-tree.ts";

const run = promisify(execFile);
const largestOutput = 256 * 1024 * 1024;

/** A revision of a local checkout. */
export interface LocalRevision {
  readonly commit: string;
  readonly tree: FileTree;
}

/**
 * The files of a revision of the repository in `root`, by the git program, which understands every way of naming one
 * (`HEAD~1`, `origin/main...`) and every layout of a checkout. Submodules are empty folders. Throws `Failure`
 * (RefNotFound, SourceDenied, ToolMissing, UsageInvalid).
 */
export async function localRevision(root: string, ref: string): Promise<LocalRevision> {
  if (!existsSync(join(root, ".git"))) {
    const hint = "run the command in a checkout, or plan against the cluster without --offline";
    throw new Failure("UsageInvalid", { message: "the folder is not in a Git checkout", hint });
  }
  const commit = (await git(root, ref, "rev-parse", "--verify", "--end-of-options", `${ref}^{commit}`))
    .toString()
    .trim();
  const listing = await git(root, ref, "ls-tree", "-r", "-t", "-z", "--full-tree", commit);
  const entries = new Map(listing.toString().split("\0").filter(Boolean).map(entryOf));
  const read = async (path: string): Promise<Uint8Array> => {
    const found = entries.get(path);
    if (found?.oid === undefined || found.kind === "directory") throw missing(path, ref);
    return git(root, ref, "cat-file", "blob", found.oid);
  };
  return {
    commit,
    tree: {
      entry: async (path) => (path === "" ? { kind: "directory" } : entries.get(path)),
      read,
      async list(path) {
        if (path !== "" && entries.get(path)?.kind !== "directory") throw missing(path, ref);
        const prefix = path === "" ? "" : `${path}/`;
        const inside = [...entries.keys()].filter((each) => each.startsWith(prefix) && each !== path);
        const names = inside.map((each) => each.slice(prefix.length)).filter((name) => !name.includes("/"));
        return names.sort();
      },
    },
  };
}

/** Who made a commit, and what it says it does. */
export interface CommitSummary {
  readonly author: string;
  readonly subject: string;
}

/** What the repository in `root` knows of a commit; undefined where it does not have it, or where there is no git. */
export async function commitSummary(root: string, commit: string): Promise<CommitSummary | undefined> {
  try {
    const text = await git(root, commit, "show", "--no-patch", "--format=%an%n%s", "--end-of-options", commit);
    const [author = "", subject = ""] = text.toString().split("\n");
    return { author, subject };
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    return undefined;
  }
}

/** One line of `git ls-tree -z`: `<mode> <type> <oid>\t<path>`. */
function entryOf(line: string): readonly [path: string, TreeEntry] {
  const tab = line.indexOf("\t");
  const [mode = "", type, oid = ""] = line.slice(0, tab).split(" ");
  const kind = type === "blob" ? (mode === "120000" ? "symlink" : "file") : "directory";
  return [line.slice(tab + 1), { kind, oid }];
}

interface ExecError {
  readonly stderr?: Buffer;
}

async function git(root: string, ref: string, ...args: readonly string[]): Promise<Buffer> {
  try {
    const { stdout } = await run("git", args, { cwd: root, encoding: "buffer", maxBuffer: largestOutput });
    return stdout;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") {
      const hint = "install git, or plan against the cluster";
      throw new Failure("ToolMissing", { message: "git is not installed", hint }, { cause });
    }
    // The name of the setting is the same in every language.
    if (/safe\.directory/.test(String((cause as ExecError).stderr))) {
      const hint = `if you trust it: git config --global --add safe.directory ${root}`;
      const message = `git does not read ${root}: it belongs to another user`;
      throw new Failure("SourceDenied", { message, hint }, { cause });
    }
    const hint = "has it been fetched? A shallow clone has only the newest commits";
    throw new Failure("RefNotFound", { message: `${root} has no revision ${ref}`, hint }, { cause });
  }
}

function missing(path: string, ref: string): Failure {
  return new Failure("PathNotFound", { message: `there is no ${path} in ${ref}` });
}
