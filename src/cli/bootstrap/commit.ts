import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { undefinedIfAbsent } from "../../model/absent.ts";
import { Failure } from "../../model/failure.ts";
import { type Git, type GitOptions, localGit } from "./git.ts";
import type { RepositoryFile } from "./layout.ts";

/** What is to be in a branch. */
export interface Commit {
  readonly url: string;
  readonly branch: string;
  readonly files: readonly RepositoryFile[];
  readonly message: string;
}

/** What came of it: the commit that the branch is at, and whether it is a new one. */
export interface Committed {
  readonly commit: string;
  readonly pushed: boolean;
}

/**
 * Sees to it that a branch holds files: by a commit on top of it, pushed, where it does not hold them yet; an empty
 * repository gets the branch. Works in a temporary clone of one commit. Throws `Failure` (ToolMissing, SourceDenied,
 * RefNotFound).
 */
export async function commitFiles(
  wanted: Commit,
  options: Omit<GitOptions, "dir">,
  signal: AbortSignal,
): Promise<Committed> {
  const dir = await mkdtemp(join(tmpdir(), "mooring-bootstrap-"));
  try {
    const git = localGit({ ...options, dir }, signal);
    await git("init", "-q", "-b", wanted.branch);
    await git("remote", "add", "origin", wanted.url);
    await checkOut(git, wanted);
    await Promise.all(wanted.files.map((file) => write(dir, file)));
    await git("add", "--", ...wanted.files.map(({ path }) => path));
    if ((await git("status", "--porcelain")) === "") return { commit: await git("rev-parse", "HEAD"), pushed: false };
    await git(...(await identity(git)), "commit", "-q", "-m", wanted.message);
    await git("push", "-q", "origin", `HEAD:refs/heads/${wanted.branch}`);
    return { commit: await git("rev-parse", "HEAD"), pushed: true };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/**
 * Asks the repository with the user's own git whether it has the branch; false for an empty repository, which gets it. Throws
 * `Failure` (ToolMissing, SourceDenied, RefNotFound).
 */
export async function findBranch(
  wanted: Pick<Commit, "url" | "branch">,
  options: Omit<GitOptions, "dir">,
  signal: AbortSignal,
): Promise<boolean> {
  const git = localGit({ ...options, dir: tmpdir() }, signal);
  return hasBranch(await git("ls-remote", wanted.url), wanted);
}

async function checkOut(git: Git, { branch, url }: Commit): Promise<void> {
  if (!hasBranch(await git("ls-remote", "origin"), { branch, url })) return;
  await git("fetch", "-q", "--depth=1", "origin", `refs/heads/${branch}`);
  await git("reset", "-q", "--hard", "FETCH_HEAD");
}

function hasBranch(refs: string, { branch, url }: Pick<Commit, "url" | "branch">): boolean {
  if (refs === "") return false;
  if (!refs.split("\n").some((line) => line.endsWith(`\trefs/heads/${branch}`))) {
    const hint = "push the branch first, or use --branch for another one";
    throw new Failure("RefNotFound", { message: `${url} has no branch ${branch}`, hint });
  }
  return true;
}

async function write(dir: string, { path, text, keep }: RepositoryFile): Promise<void> {
  const file = join(dir, path);
  const there = await readFile(file, "utf8").catch(undefinedIfAbsent);
  if (there === text || (keep && there !== undefined)) return;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** Who commits: whom the user's configuration names, or where it names nobody, Mooring. */
async function identity(git: Git): Promise<readonly string[]> {
  // git says by its exit that nothing is configured; what else is wrong with it the commit that follows tells.
  const known = await git("config", "user.email").catch(() => "");
  return known === "" ? ["-c", "user.name=Mooring", "-c", "user.email=mooring@localhost"] : [];
}
