import { readdir, readFile, stat } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { Failure } from "../../../model/failure.ts";
import type { Context } from "../../command/command.ts";
import { reason } from "./files.ts";

/** A file that was found, by its path from the directory the command runs in. */
export interface Found {
  readonly path: string;
  readonly text: string;
}

const skipped = new Set([".git", "node_modules"]);

/** Every YAML and JSON file under the paths, sorted, hidden folders' too but for Git's own. Throws `Failure` (UsageInvalid). */
export async function manifestFiles(
  context: Pick<Context, "cwd">,
  paths: readonly string[],
): Promise<readonly Found[]> {
  return filesNamed(context, paths, (name) => /\.(?:ya?ml|json)$/.test(name));
}

/** Every file under the paths whose name is wanted; a path that is a file itself is always wanted. */
export async function filesNamed(
  context: Pick<Context, "cwd">,
  paths: readonly string[],
  wanted: (name: string) => boolean,
): Promise<readonly Found[]> {
  const found = new Map<string, string>();
  for (const path of paths) {
    for (const file of await filesUnder(resolve(context.cwd, path), path, wanted)) {
      found.set(relative(context.cwd, file) || file, await readFile(file, "utf8"));
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, text]) => ({ path, text }));
}

async function filesUnder(path: string, named: string, wanted: (name: string) => boolean): Promise<readonly string[]> {
  const entry = await stat(path).catch((cause: unknown) => {
    throw new Failure("UsageInvalid", { file: named, message: `cannot be read: ${reason(cause)}` }, { cause });
  });
  if (!entry.isDirectory()) return [path];
  const files: string[] = [];
  for (const child of await readdir(path, { withFileTypes: true })) {
    const below = join(path, child.name);
    if (child.isDirectory() && !skipped.has(child.name)) files.push(...(await filesUnder(below, below, wanted)));
    if (child.isFile() && wanted(child.name)) files.push(below);
  }
  return files;
}
