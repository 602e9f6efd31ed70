import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { undefinedIfAbsent } from "../../../model/absent.ts";
import { Failure } from "../../../model/failure.ts";
import type { Context } from "../../command/command.ts";

/** Reads a file that the user named; `-` is standard input. Throws `Failure` (UsageInvalid). */
export async function readNamed(context: Pick<Context, "cwd" | "stdin">, path: string): Promise<Buffer> {
  if (path === "-" || path === "/dev/stdin") return Buffer.from(await context.stdin.read());
  try {
    return await readFile(resolve(context.cwd, path));
  } catch (cause) {
    throw new Failure("UsageInvalid", { file: path, message: `cannot be read: ${reason(cause)}` }, { cause });
  }
}

/**
 * Tells whether something is there that can be read before it is written: reading a FIFO takes what is in it or waits for
 * ever, and a device may have no end. A link is followed. Throws `Failure` (UsageInvalid) where the system does not tell.
 */
export async function isRegularFile(context: Pick<Context, "cwd">, path: string): Promise<boolean> {
  const there = await stat(resolve(context.cwd, path)).catch(undefinedIfAbsent);
  return there?.isFile() ?? false;
}

/**
 * Reads a file of the repository, which is to be changed in place or may be a link that somebody else put there, to a device
 * without end. Throws `Failure` (UsageInvalid), also for what is no regular file.
 */
export async function readRegular(context: Pick<Context, "cwd" | "stdin">, path: string): Promise<string> {
  await refuseSpecial(context, path);
  return (await readNamed(context, path)).toString();
}

/** Refuses what is there and is no regular file, such as a device or a FIFO. Throws `Failure` (UsageInvalid). */
export async function refuseSpecial(context: Pick<Context, "cwd">, path: string): Promise<void> {
  const there = await stat(resolve(context.cwd, path)).catch(undefinedIfAbsent);
  if (there === undefined || there.isFile() || there.isDirectory()) return;
  throw new Failure("UsageInvalid", { file: path, message: "is not a regular file" });
}

/** What a command works on: the file of `-f`, or standard input, with a word to a person who is left waiting. */
export async function readInput(
  context: Pick<Context, "cwd" | "stdin" | "stderr">,
  path: string | undefined,
  expected: string,
): Promise<string> {
  if (path === undefined && context.stdin.isTerminal) {
    context.stderr.write(context.stderr.style.faint(`Type or paste ${expected}, then Ctrl-D\n`));
  }
  return (await readNamed(context, path ?? "-")).toString();
}

/** Why the file system refused, in a few words. */
export function reason(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const known: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file or directory",
    EACCES: "permission denied",
    EISDIR: "it is a directory",
    ENOTDIR: "a part of the path is not a directory",
    ENOSPC: "the disk is full; what was there is as it was",
    EDQUOT: "the quota is used up; what was there is as it was",
    EROFS: "the file system is read-only",
    ELOOP: "too many levels of symbolic links",
  };
  return known[code] ?? (code === "" ? "unknown reason" : code);
}
