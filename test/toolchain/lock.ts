import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** A lock that is held; it must be given back. */
export interface Lock {
  readonly release: () => Promise<void>;
}

/** How long a holder may be silent, whom to tell that we wait, and what ends the wait. */
export interface LockOptions {
  /** A lock whose holder gave no sign of life for so long is taken over. The holder gives one four times in this span. */
  readonly staleAfterMs?: number;
  /** Called once, with the process id of the holder where it is known. */
  readonly onWait?: (holder: number | undefined) => void;
  /** Ends the wait as soon as it answers true: the holder has done what the lock was wanted for. */
  readonly isDone?: () => Promise<boolean>;
  readonly signal?: AbortSignal;
}

interface Owner {
  readonly pid: number;
  readonly host: string;
}

const pollMs = 100;

/**
 * Takes the lock at `path` (a directory: making one is atomic on every file system), waiting for its holder if there is one.
 * A holder that died, on this machine by its process id and elsewhere by its silence, is taken over. Two that take over at
 * the same moment may both believe to hold it, so it saves work and does not protect data: what is built must be put in
 * place by one atomic rename. Undefined where `isDone` ended the wait.
 */
export async function acquireLock(path: string, options: LockOptions = {}): Promise<Lock | undefined> {
  const staleAfterMs = options.staleAfterMs ?? 30_000;
  let told = false;
  for (;;) {
    options.signal?.throwIfAborted();
    if (await makeLock(path)) return holdLock(path, staleAfterMs);
    if (await isStale(path, staleAfterMs)) {
      await removeAside(path);
      continue;
    }
    if (!told) options.onWait?.((await readOwner(path))?.pid);
    told = true;
    if (await options.isDone?.()) return undefined;
    await pause(pollMs, undefined, options.signal === undefined ? {} : { signal: options.signal });
  }
}

/** Whether a process of this machine is alive. One that belongs to another user is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM";
  }
}

async function makeLock(path: string): Promise<boolean> {
  try {
    await mkdir(path);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw thrown;
  }
  const owner: Owner = { pid: process.pid, host: hostname() };
  await writeFile(join(path, "owner.json"), JSON.stringify(owner));
  return true;
}

function holdLock(path: string, staleAfterMs: number): Lock {
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => clearInterval(beat));
  }, staleAfterMs / 4);
  beat.unref();
  return {
    release: async () => {
      clearInterval(beat);
      await removeAside(path);
    },
  };
}

async function isStale(path: string, staleAfterMs: number): Promise<boolean> {
  const owner = await readOwner(path);
  if (owner !== undefined && owner.host === hostname() && !isAlive(owner.pid)) return true;
  const seen = await stat(path).catch(() => undefined);
  return seen !== undefined && Date.now() - seen.mtimeMs > staleAfterMs;
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const owner = JSON.parse(await readFile(join(path, "owner.json"), "utf8")) as Partial<Owner>;
    return typeof owner.pid === "number" && typeof owner.host === "string"
      ? { pid: owner.pid, host: owner.host }
      : undefined;
  } catch {
    // Between making the directory and writing the file, or after its release: not readable is not known.
    return undefined;
  }
}

/** A directory that is renamed first is gone at once for everybody else; removing it in place is not atomic. */
async function removeAside(path: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === "ENOENT") return;
    throw thrown;
  }
  await rm(aside, { recursive: true, force: true });
}
