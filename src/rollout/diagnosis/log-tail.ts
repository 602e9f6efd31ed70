import type { LineMask } from "../../plan/index.ts";

/** How many lines of a log are shown. */
const shownLines = 10;

/** One more is requested: where it comes, the first may be the rest of a longer line that the runtime cut. */
export const requestedLines = shownLines + 1;

/** The API server ends its answer after so many bytes, in the middle of a line. */
const cutBytes = 65_536;

/** Runtimes cut lines at 16 KiB: in a part of one, half a value would not be known for what it is. */
const longestLine = 8_192;
const longestShown = 300;

/**
 * The last lines of a log as they may be shown: values of Secrets masked first, then without control characters and cut to
 * 300 characters. A line that may be only a part of one, or that cannot be masked, is left out.
 */
export function logTail(text: string, mask: LineMask): readonly string[] {
  const lines = text.split("\n").map((line) => line.trimEnd());
  if (lines.at(-1) === "" || Buffer.byteLength(text) >= cutBytes) lines.pop();
  const begun = lines.length > shownLines || lines.some(isLong);
  return lines
    .slice(begun ? 1 : 0)
    .slice(-shownLines)
    .filter((line) => !isLong(line))
    .flatMap((line) => shown(line, mask) ?? [])
    .filter((line) => line !== "");
}

function isLong(line: string): boolean {
  return line.length > longestLine;
}

/** Masked once more without its control characters: colours may have parted a value. */
function shown(line: string, mask: LineMask): string | undefined {
  const masked = mask(line);
  const plain = masked === undefined ? undefined : mask(masked.replaceAll(colours, "").replaceAll(/\p{Cc}+/gu, " "));
  if (plain === undefined) return undefined;
  return plain.length > longestShown ? `${plain.slice(0, longestShown - 1)}…` : plain;
}

/** The escape sequences of terminals that set colours. */
const colours = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, "g");
