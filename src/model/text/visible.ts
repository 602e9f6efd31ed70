const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * Untrusted text made safe for a terminal: control characters and escape sequences, marks that turn the
 * direction, characters of no width and halves of characters are written out as `\u001b`, line breaks and tabs stay. A
 * JSON document means the same afterwards.
 */
export function visible(text: string): string {
  return text.replaceAll(hidden, (found) => (found === "\n" || found === "\t" ? found : writtenOut(found)));
}

/** A name, a path or any other untrusted text within a line: what would begin another line is escaped. */
export function onOneLine(text: string): string {
  return text.replaceAll(/[\n\v\f\r\u0085\u2028\u2029]/g, writtenOut);
}

/**
 * A message that may have several lines, and may hold untrusted text: the first is written where the message is, the
 * others are set off, so that none passes for a line of this program.
 */
export function continued(text: string): string {
  return text.trimEnd().split(/\r?\n/).map(onOneLine).join("\n    | ");
}

function writtenOut(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
