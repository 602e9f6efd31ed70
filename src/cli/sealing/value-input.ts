import { Failure } from "../../model/failure.ts";
import type { Context } from "../command.ts";
import { readNamed } from "./files.ts";
import { askHidden } from "./hidden-prompt.ts";

/**
 * The value to seal: a file's bytes as they are; else standard input; else, for a person, a hidden prompt, asked twice.
 * The line break that `echo` and editors leave behind a single line is dropped, and said so; several lines stay as they are.
 */
export async function readValue(context: Context, file: string | undefined, name: string): Promise<Buffer> {
  if (file !== undefined) return readNamed(context, file);
  if (context.stdin.isTerminal) return askTwice(context, name);
  const value = Buffer.from(await context.stdin.read());
  const end = /^[^\n]*?(\r?\n)$/.exec(value.toString("latin1"))?.[1]?.length ?? 0;
  if (end > 0) context.stderr.write(context.stderr.style.faint("The line break at the end is left out.\n"));
  return value.subarray(0, value.length - end);
}

async function askTwice(context: Context, name: string): Promise<Buffer> {
  const first = await askHidden(context, `Value of ${name} (not shown): `);
  const second = await askHidden(context, "The same again: ");
  if (first.equals(second)) return first;
  throw new Failure("UsageInvalid", { message: "the two differ; nothing was changed" });
}
