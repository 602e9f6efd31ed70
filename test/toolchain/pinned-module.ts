import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { chmod, cp, readdir, rename } from "node:fs/promises";
import { basename, join } from "node:path";
import { type CacheEntry, cacheDirectory } from "./cache.ts";
import { buildFlags, countStalePackages, type GoRun, goProgress, runGo } from "./go.ts";
import { createProgress } from "./progress.ts";

/** Programs that are built together, from the modules that one `go.mod` beside this file pins. */
export interface PinnedModule<Name extends string = string> {
  /** The folder of its `go.mod`, and the first part of its folder's name in the cache. */
  readonly folder: string;
  /** As people read it: `the control plane`. */
  readonly what: string;
  /** Program → the package it is built from. */
  readonly programs: Readonly<Record<Name, string>>;
  /** For programs with C in them; without it, no C compiler is needed. */
  readonly cgo?: { readonly tags: readonly string[] };
  /** Folders of a module that a program reads when it runs. They are kept beside it, so that Go's own cache may go. */
  readonly assets?: { readonly module: string; readonly folders: readonly string[] };
}

/** Its folder in the cache, named after its `go.sum`: another version of anything in it is another folder. */
export function pinnedModuleEntry(module: PinnedModule, onWait: (holder: number | undefined) => void): CacheEntry {
  const sums = readFileSync(join(import.meta.dirname, module.folder, "go.sum"));
  const key = createHash("sha256").update(sums).digest("hex").slice(0, 16);
  return {
    dir: join(cacheDirectory(), `${module.folder}-${key}`),
    files: [...Object.keys(module.programs), ...(module.assets?.folders ?? [])],
    build: (dir, signal) => build(module, dir, signal),
    onWait,
  };
}

async function build(module: PinnedModule, dir: string, signal: AbortSignal | undefined): Promise<void> {
  const what = `${module.what} (${Object.keys(module.programs).join(", ")})`;
  const progress = createProgress(process.stderr);
  const packages = Object.values(module.programs);
  const run: Omit<GoRun, "args"> = {
    cwd: join(import.meta.dirname, module.folder),
    ...(module.cgo === undefined ? {} : { env: { CGO_ENABLED: "1" } }),
    ...(signal === undefined ? {} : { signal }),
  };
  const flags = [...buildFlags, ...(module.cgo === undefined ? [] : [`-tags=${module.cgo.tags.join(",")}`])];
  progress.update({ what: `Looking up what ${what} needs`, done: packages.length, unit: "programs" });
  const total = await countStalePackages(packages, { ...run, flags, onLine: goProgress(what, progress) });
  const args = ["build", "-v", ...flags, "-o", `${dir}/`, ...packages];
  await runGo({ ...run, args, onLine: goProgress(what, progress, total) });
  for (const [name, path] of Object.entries(module.programs)) await nameProgram(dir, path, name);
  if (module.assets !== undefined) await copyAssets(module.assets, dir, run);
  progress.finish(`Built ${what}`);
}

/** Go names a program after the last part of its path, `server` in `go.etcd.io/etcd/server/v3`. */
async function nameProgram(dir: string, path: string, name: string): Promise<void> {
  const built = basename(path.replace(/\/v\d+$/, ""));
  if (built !== name) await rename(join(dir, built), join(dir, name));
}

async function copyAssets(
  { module, folders }: NonNullable<PinnedModule["assets"]>,
  dir: string,
  run: Omit<GoRun, "args">,
): Promise<void> {
  const from = (await runGo({ ...run, args: ["list", "-m", "-f", "{{.Dir}}", module] })).trim();
  for (const folder of folders) {
    await cp(join(from, folder), join(dir, folder), { recursive: true });
    await makeRemovable(join(dir, folder));
  }
}

/** Go keeps modules in folders that cannot be written to, and a copy of such a folder could not be deleted. */
async function makeRemovable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o755);
}
