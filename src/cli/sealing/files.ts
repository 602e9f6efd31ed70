import { readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { undefinedIfAbsent } from "../../model/absent.ts";
import { Failure } from "../../model/failure.ts";
import type { Context } from "../command.ts";

/** Reads a file that the user named; `-` is standard input. Throws `Failure` (UsageInvalid). */
export async function readNamed(context: Pick<Context, "cwd" | "stdin">, path: string): Promise<Buffer> {
  if (path === "-" || path === "/dev/stdin") return Buffer.from(await context.stdin.read());
  try {
    return await readFile(resolve(context.cwd, path));
  } catch (cause) {
    throw new Failure("UsageInvalid", { file: path, message: `cannot be read: ${reason(cause)}` }, { cause });
  }
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

/**
 * Writes a file whole or not at all: into a new file beside it, which then takes its name, with the permissions of the
 * old one unless others are asked for. Throws `Failure` (UsageInvalid).
 */
export async function writeNamed(
  context: Pick<Context, "cwd">,
  path: string,
  content: string,
  mode?: number,
): Promise<void> {
  const named = resolve(context.cwd, path);
  const target = await realpath(named).catch((thrown: unknown) => undefinedIfAbsent(thrown) ?? named);
  const there = await stat(target).catch(undefinedIfAbsent);
  const temporary = join(dirname(target), `.${process.pid}.${Date.now()}.mooring`);
  try {
    await writeFile(temporary, content, { mode: mode ?? there?.mode ?? 0o644, flag: "wx" });
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new Failure("UsageInvalid", { file: path, message: `cannot be written: ${reason(cause)}` }, { cause });
  }
}

/** Writes to a file, or to standard output where none is named. */
export async function deliver(
  context: Pick<Context, "cwd" | "stdout">,
  file: string | undefined,
  content: string,
  mode?: number,
): Promise<void> {
  if (file === undefined) context.stdout.writeData(content);
  else await writeNamed(context, file, content, mode);
}

/** Why the file system refused, in a few words. */
export function reason(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  const known: Readonly<Record<string, string>> = {
    ENOENT: "there is no such file or directory",
    EACCES: "permission denied",
    EISDIR: "it is a directory",
    ENOTDIR: "a part of the path is not a directory",
  };
  return known[code] ?? (code === "" ? "unknown reason" : code);
}
