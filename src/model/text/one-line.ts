const longest = 400;
const gap = " … ";
const tailLength = Math.floor((longest - gap.length) / 2);
const headLength = longest - gap.length - tailLength;

/**
 * The words of a server or of another program on one line of at most 400 characters, as they may stand in a message: white
 * space, control characters and what else has no shape of its own become one space, and the middle of longer ones is left
 * out.
 */
export function oneLine(text: string): string {
  const line = text.replaceAll(/[\s\p{C}]+/gu, " ").trim();
  if (line.length <= longest) return line;
  return `${line.slice(0, headLength)}${gap}${line.slice(-tailLength)}`.toWellFormed();
}
