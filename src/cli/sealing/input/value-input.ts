import { Failure } from "../../../model/failure.ts";
import { describeBlankValue, isBlank } from "../../../seal/index.ts";
import type { Context } from "../../command/command.ts";
import { readNamed } from "../files/files.ts";
import { onTerminal } from "./terminal.ts";

/** The flag without which a blank value is refused: it is what a program that failed leaves in a pipe. */
export const allowEmptyFlag = {
  "allow-empty": {
    type: "boolean",
    summary: "Accept a value that is empty or only white space",
  },
} as const;

/** Where a value comes from. */
export interface ValueSource {
  /** A file, or `-` for standard input; undefined for standard input, or a prompt where that is a terminal. */
  readonly file: string | undefined;
  /** What it is called in the question. */
  readonly name: string;
  readonly allowEmpty: boolean;
}

/**
 * The value to seal: a file's bytes as they are; else standard input; else, for a person, a hidden prompt, asked twice.
 * The line break that `echo` and editors leave behind a single line is dropped, and said so; several lines stay as they are.
 * Throws `Failure` (UsageInvalid) for a blank one that is not allowed, and what reading throws.
 */
export async function readValue(context: Context, { file, name, allowEmpty }: ValueSource): Promise<Buffer> {
  const value = await valueFrom(context, file, name);
  refuseEmpty(value, { file, allowEmpty });
  return value;
}

/** A blank value is what a program that failed leaves in a pipe. Throws `Failure` (UsageInvalid). */
export function refuseEmpty(value: Uint8Array, { file, allowEmpty }: Omit<ValueSource, "name">): void {
  if (allowEmpty || !isBlank(value)) return;
  const whence = file === undefined || file === "-" ? "what came in" : file;
  const hint = "did the command before the pipe fail? Use --allow-empty if the value is intended";
  throw new Failure("UsageInvalid", { message: `${whence} ${describeBlankValue(value)}; nothing was changed`, hint });
}

async function valueFrom(context: Context, file: string | undefined, name: string): Promise<Buffer> {
  const isPiped = file === undefined || file === "-";
  if (!isPiped) return readNamed(context, file);
  if (context.stdin.isTerminal) return Buffer.from(await askTwice(context, `Value of ${name}`));
  const value = Buffer.from(await context.stdin.read());
  const end = /^[^\n]*?(\r?\n)$/.exec(value.toString("latin1"))?.[1]?.length ?? 0;
  if (end > 0) context.stderr.write(context.stderr.style.faint("The line break at the end is left out.\n"));
  return value.subarray(0, value.length - end);
}

/** Asks for what nobody can look up again, twice. Throws `Failure` (UsageInvalid) where the answers differ. */
export async function askTwice(context: Pick<Context, "signal">, what: string): Promise<string> {
  const [first, second] = await onTerminal(context, async (ask) => [
    await ask(`${what} (not shown): `),
    await ask("The same again: "),
  ]);
  if (first !== undefined && first === second) return first;
  throw new Failure("UsageInvalid", { message: "the two values differ; nothing was changed" });
}
