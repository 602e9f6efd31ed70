const longest = 400;
const half = longest / 2;

/**
 * The words of a server or of another program on one line, as they may stand in a message: white space, control characters
 * and what else has no shape of its own become one space, and the middle is left out where they are very long.
 */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\s\p{C}]+/gu, " ").trim();
  if (line.length <= longest) return line;
  return `${line.slice(0, half)} … ${line.slice(-half)}`.toWellFormed();
}
