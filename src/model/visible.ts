const hidden = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A text of a stranger as it may be shown on a terminal: control characters and escape sequences, marks that turn the
 * direction, characters of no width and halves of characters are written out as `\u001b`, line breaks and tabs stay. A
 * JSON document means the same afterwards.
 */
export function visible(text: string): string {
  return text.replaceAll(hidden, (found) => (found === "\n" || found === "\t" ? found : writtenOut(found)));
}

/** The same for a single line: line breaks and tabs are spaces. */
export function visibleLine(text: string): string {
  return visible(text.replaceAll(/[\n\t]+/g, " "));
}

function writtenOut(character: string): string {
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, "0")}`).join("");
}
