import { access, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, dirname, join } from "node:path";
import { acquireLock, isAlive } from "./lock.ts";

/** One folder of the cache, and how to fill it. */
export interface CacheEntry {
  /** Where it is kept in the end. Its name says its content: a change of what is built changes the name. */
  readonly dir: string;
  /** The files that are in it when it is complete. */
  readonly files: readonly string[];
  /** Writes the files into `dir`, an empty folder, or throws. Its answer only comes when all of them are written. */
  readonly build: (dir: string, signal?: AbortSignal) => Promise<void>;
  /** Another process builds the same; we wait for it. */
  readonly onWait?: (holder: number | undefined) => void;
}

const marker = "complete.json";

/** The user's cache directory for Mooring: `$XDG_CACHE_HOME/mooring`, or `~/.cache/mooring`. */
export function cacheDirectory(env: NodeJS.ProcessEnv = process.env): string {
  const base = env.XDG_CACHE_HOME;
  return join(base === undefined || base === "" ? join(homedir(), ".cache") : base, "mooring");
}

/** Whether the entry was built to the end and nothing of it was lost since. */
export async function isComplete(entry: Pick<CacheEntry, "dir" | "files">): Promise<boolean> {
  try {
    const names = JSON.parse(await readFile(join(entry.dir, marker), "utf8")) as unknown;
    if (!Array.isArray(names) || !entry.files.every((file) => names.includes(file))) return false;
    await Promise.all(entry.files.map((file) => access(join(entry.dir, file))));
    return true;
  } catch {
    return false;
  }
}

/**
 * Builds the entry unless it is there. It is built beside its place and put there by one rename, so an interrupted build
 * is never taken for a complete one; of several processes that want the same, one builds and the others wait.
 */
export async function ensureBuilt(entry: CacheEntry, signal?: AbortSignal): Promise<void> {
  if (await isComplete(entry)) return;
  await mkdir(dirname(entry.dir), { recursive: true });
  const lock = await acquireLock(`${entry.dir}.lock`, {
    isDone: () => isComplete(entry),
    ...(entry.onWait === undefined ? {} : { onWait: entry.onWait }),
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    if (!(await isComplete(entry))) await buildAside(entry, signal);
  } finally {
    await lock?.release();
  }
}

async function buildAside(entry: CacheEntry, signal: AbortSignal | undefined): Promise<void> {
  await removeLeftovers(entry.dir);
  const aside = `${entry.dir}.building-${process.pid}`;
  await mkdir(aside);
  try {
    await entry.build(aside, signal);
    await Promise.all(entry.files.map((file) => access(join(aside, file))));
    await writeFile(join(aside, marker), JSON.stringify(entry.files));
    await rm(entry.dir, { recursive: true, force: true });
    await rename(aside, entry.dir);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function removeLeftovers(dir: string): Promise<void> {
  const prefix = `${basename(dir)}.building-`;
  const names = await readdir(dirname(dir));
  const dead = names.filter((name) => {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length)) : Number.NaN;
    return Number.isInteger(pid) && (pid === process.pid || !isAlive(pid));
  });
  await Promise.all(dead.map((name) => rm(join(dirname(dir), name), { recursive: true, force: true })));
}
