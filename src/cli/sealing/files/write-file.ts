import { constants } from "node:fs";
import { lstat, open, readlink, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { undefinedIfAbsent } from "../../../model/absent.ts";
import { Failure } from "../../../model/failure.ts";
import type { Context } from "../../command/command.ts";
import { reason } from "./files.ts";

type Delivery = Pick<Context, "cwd"> & { readonly stdout: Pick<Context["stdout"], "writeData"> };

/**
 * The one way in which a command writes a file that the user named. A regular file is replaced whole or not at all, by a
 * new one beside it that takes its name with its permissions and its owner: a full disk, a crash or Ctrl-C leaves the old
 * one. A link is followed. Into anything else, such as a device, a FIFO or the program's own output, is written as it is.
 * `mode` asks for permissions, those of a new file are 0644 else. Throws `Failure` (UsageInvalid).
 */
export async function writeNamed(
  context: Delivery,
  path: string,
  content: string | Uint8Array,
  mode?: number,
): Promise<void> {
  const named = resolve(context.cwd, path);
  if (ownOutput.has(named)) return context.stdout.writeData(content);
  try {
    const target = await followed(named);
    const there = await stat(target).catch(undefinedIfAbsent);
    if (isSpecial(target) || (there !== undefined && !there.isFile())) await writeInto(target, content);
    else await replace(target, content, { mode: mode ?? there?.mode ?? 0o644, owner: there });
  } catch (cause) {
    throw new Failure("UsageInvalid", { file: path, message: `cannot be written: ${reason(cause)}` }, { cause });
  }
}

/** Writes to a file, or to standard output where none is named. */
export async function deliver(
  context: Delivery,
  file: string | undefined,
  content: string,
  mode?: number,
): Promise<void> {
  if (file === undefined) context.stdout.writeData(content);
  else await writeNamed(context, file, content, mode);
}

/** Refuses a file that is there, unless it is to be written over; what is no regular file is none. Throws `Failure` (UsageInvalid). */
export async function refuseOverwriting(context: Pick<Context, "cwd">, path: string, force: boolean): Promise<void> {
  const there = await stat(resolve(context.cwd, path)).catch(undefinedIfAbsent);
  if (force || there === undefined || !there.isFile()) return;
  const hint = "choose another file, or use --force";
  throw new Failure("UsageInvalid", { file: path, message: "already exists and would be overwritten", hint });
}

const ownOutput = new Set(["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"]);

/** What another process, or another part of this one, has open under a name of its own. */
function isSpecial(path: string): boolean {
  return path.startsWith("/dev/") || path.startsWith("/proc/");
}

/** Where links lead, also those to a file that is still to be made. */
async function followed(path: string): Promise<string> {
  if (isSpecial(path)) return path;
  const real = await realpath(path).catch(undefinedIfAbsent);
  if (real !== undefined) return real;
  const entry = await lstat(path).catch(undefinedIfAbsent);
  return entry?.isSymbolicLink() === true ? resolve(dirname(path), await readlink(path)) : path;
}

async function writeInto(path: string, content: string | Uint8Array): Promise<void> {
  const file = await open(path, constants.O_WRONLY);
  try {
    await file.writeFile(content);
  } finally {
    await file.close();
  }
}

interface Looks {
  readonly mode: number;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
}

async function replace(target: string, content: string | Uint8Array, { mode, owner }: Looks): Promise<void> {
  const temporary = join(dirname(target), `.${basename(target)}.${process.pid}.${Date.now()}.mooring`);
  try {
    const file = await open(temporary, "wx", mode & 0o7777);
    try {
      // Whoever is not root can give nothing away, and what root writes stays whose it was.
      if (owner !== undefined && process.getuid?.() === 0) await file.chown(owner.uid, owner.gid);
      if (owner !== undefined) await file.chmod(mode & 0o7777);
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
}
