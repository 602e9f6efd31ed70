import { onOneLine } from "../../model/text/visible.ts";

/** Lines as they are printed. Each stays one, whatever strangers put into it. */
export function asLines(lines: readonly string[]): string {
  return lines.map((line) => `${onOneLine(line)}\n`).join("");
}
