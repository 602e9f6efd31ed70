const LIMIT = 400;

/** Foreign text made fit for a status: one line, no control characters, at most 400 characters. */
export function oneLine(text: string): string {
  const line = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  return line.length <= LIMIT ? line : `${line.slice(0, LIMIT - 1)}…`;
}

/** The last line that says something, where what went wrong usually stands. */
export function lastLine(text: string): string {
  return text.trimEnd().split("\n").at(-1)?.trim() ?? "";
}

/** `1 replica`, `3 replicas`. */
export function count(number: number, noun: string): string {
  return number === 1 ? `1 ${noun}` : `${number} ${noun}s`;
}
