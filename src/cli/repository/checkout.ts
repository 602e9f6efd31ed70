import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { dirname, isAbsolute, join, parse, relative, resolve, sep } from "node:path";
import { Failure, type Problem } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { directoryTree } from "../../source/index.ts";

/** A folder within the repository it is checked out from. */
export interface Checkout {
  /** The directory of the whole repository; that of the file system where the folder is in none. */
  readonly root: string;
  /** The folder, relative to the root, as trees name it. */
  readonly path: string;
  readonly tree: FileTree;
}

/**
 * The checkout that a folder is in: as far up as the nearest `.git`, which is as far as the agent would see. Throws
 * `Failure` (UsageInvalid) where there is no such folder.
 */
export async function openCheckout(dir: string, cwd: string): Promise<Checkout> {
  const folder = await realpath(resolve(cwd, dir)).catch((cause: unknown) => {
    throw new Failure("UsageInvalid", { message: `there is no folder ${dir}` }, { cause });
  });
  const root = repositoryOf(folder) ?? parse(folder).root;
  return { root, path: relative(root, folder).split(sep).join("/"), tree: directoryTree(root) };
}

function repositoryOf(folder: string): string | undefined {
  if (existsSync(join(folder, ".git"))) return folder;
  const parent = dirname(folder);
  return parent === folder ? undefined : repositoryOf(parent);
}

/** The failure with its files named as seen from the working directory, so that a click on them opens them. */
export function seenFrom(cwd: string, root: string, failure: Failure): Failure {
  const see = (file: string) => (isAbsolute(file) ? file : relative(cwd, join(root, file)) || ".");
  const problems = failure.problems.map(
    (problem): Problem => ({
      ...problem,
      ...(problem.file === undefined ? {} : { file: see(problem.file) }),
      ...(problem.chain === undefined ? {} : { chain: problem.chain.map(see) }),
    }),
  );
  return new Failure(failure.code, problems, { cause: failure.cause });
}
