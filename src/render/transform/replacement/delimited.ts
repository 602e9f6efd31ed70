/*
 * Texts that are looked at as parts with a delimiter between, as `strings.Split` parts them. They are never parted as a whole:
 * a text of nothing but delimiters would take many times its own memory.
 */

/** A part of a text; undefined where there is none of that number. */
export function partAt(text: string, delimiter: string, index: number): string | undefined {
  const start = startOf(text, delimiter, index);
  if (start === undefined) return undefined;
  const end = text.indexOf(delimiter, start);
  return end < 0 ? text.slice(start) : text.slice(start, end);
}

/** The text with another part in that place: in front of all where the number is negative, behind all where it is too high. */
export function withPartAt(text: string, delimiter: string, index: number, part: string): string {
  if (index < 0) return part + delimiter + text;
  const start = startOf(text, delimiter, index);
  if (start === undefined) return text + delimiter + part;
  const end = text.indexOf(delimiter, start);
  return text.slice(0, start) + part + (end < 0 ? "" : text.slice(end));
}

function startOf(text: string, delimiter: string, index: number): number | undefined {
  if (index < 0) return undefined;
  let start = 0;
  for (let passed = 0; passed < index; passed++) {
    const next = text.indexOf(delimiter, start);
    if (next < 0) return undefined;
    start = next + delimiter.length;
  }
  return start;
}
