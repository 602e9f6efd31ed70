import { open } from "node:fs/promises";
import { ReadStream } from "node:tty";
import { Failure } from "../../model/failure.ts";
import type { Context } from "../command.ts";

const enter = new Set(["\r", "\n", "\u0004"]);
const interrupt = "\u0003";
const erase = new Set(["\u007f", "\b"]);

/**
 * Asks a person for a value on the terminal and shows nothing of what is typed. The terminal is opened by name, so that
 * standard input stays free. Throws `Failure` (UsageInvalid, Interrupted).
 */
export async function askHidden(context: Pick<Context, "stderr">, question: string): Promise<Buffer> {
  const terminal = await open("/dev/tty", "r").catch((cause: unknown) => {
    const hint = "pipe the value in, or name a file with --from-file";
    throw new Failure("UsageInvalid", { message: "there is no terminal to ask on", hint }, { cause });
  });
  const input = new ReadStream(terminal.fd);
  context.stderr.write(question);
  try {
    input.setRawMode(true);
    return Buffer.from(await readLine(input));
  } finally {
    input.setRawMode(false);
    input.destroy();
    context.stderr.write("\n");
  }
}

async function readLine(input: ReadStream): Promise<string> {
  const typed: string[] = [];
  input.setEncoding("utf8");
  for await (const chunk of input) {
    for (const letter of String(chunk)) {
      if (letter === interrupt) throw new Failure("Interrupted", { message: "nothing was changed" });
      if (enter.has(letter)) return typed.join("");
      if (erase.has(letter)) typed.pop();
      else typed.push(letter);
    }
  }
  return typed.join("");
}
