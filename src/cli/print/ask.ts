import { openSync } from "node:fs";
import { createInterface } from "node:readline/promises";
import { ReadStream } from "node:tty";
import { Failure } from "../../model/failure.ts";
import type { Context } from "../command/command.ts";

/**
 * Asks a person a question on the terminal; only `yes` and `y` are a yes, and the end of the input is a no. The terminal is
 * opened by name, so that standard input stays free. Throws `Failure` (UsageInvalid) where there is none.
 */
export async function askYes(
  { stderr, signal }: Pick<Context, "stderr" | "signal">,
  question: string,
): Promise<boolean> {
  const terminal = openTerminal();
  const lines = createInterface({ input: terminal });
  const ended = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  stderr.write(`${question} [y/N] `);
  try {
    const answer = await Promise.race([lines.question("", { signal }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    lines.close();
    terminal.destroy();
  }
}

function openTerminal(): ReadStream {
  try {
    return new ReadStream(openSync("/dev/tty", "r"));
  } catch (cause) {
    throw new Failure("UsageInvalid", { message: "there is no terminal for the prompt" }, { cause });
  }
}
