import { open } from "node:fs/promises";
import { createInterface } from "node:readline/promises";
import { Failure } from "../../model/failure.ts";
import type { Context } from "../command.ts";

/**
 * Asks a person a question on the terminal; only `yes` and `y` are a yes. The terminal is opened by name, so that
 * standard input stays free. Throws `Failure` (UsageInvalid) where there is none.
 */
export async function askYes(
  { stderr, signal }: Pick<Context, "stderr" | "signal">,
  question: string,
): Promise<boolean> {
  const terminal = await open("/dev/tty", "r").catch((cause: unknown) => {
    throw new Failure("UsageInvalid", { message: "there is no terminal to ask on" }, { cause });
  });
  const lines = createInterface({ input: terminal.createReadStream() });
  stderr.write(`${question} [y/N] `);
  try {
    return /^y(es)?$/i.test((await lines.question("", { signal })).trim());
  } finally {
    lines.close();
    // The stream has closed it already where the terminal ended; the answer is there in any case.
    await terminal.close().catch(() => undefined);
  }
}
