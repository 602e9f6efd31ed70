import { ch, isBlankOrEnd } from "./chars.ts";
import type { Cursor } from "./cursor.ts";

/*
 * The short cuts for what most of a manifest consists of. Each either reads all of what it is for, exactly as the full
 * scanners would, or moves nothing and leaves it to them.
 */

const isLetter = (code: number): boolean => {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
};

/** The colon behind a key of printable ASCII characters that begins with a letter; -1 for every other key. */
export function endOfSimpleKey(text: string, from: number): number {
  if (!isLetter(text.charCodeAt(from))) return -1;
  for (let at = from + 1; at - from <= 1024; at++) {
    const code = text.charCodeAt(at);
    if (code === ch.colon && isBlankOrEnd(text.charCodeAt(at + 1))) return at;
    if (code <= ch.space || code > 0x7e) return -1;
  }
  return -1;
}

/**
 * Reads a plain scalar on one line in a block of `indent` that begins with a letter or a digit, where the next line holds
 * a token at `indent` or less; moves on to that token and gives the text, or undefined for all else.
 */
export function scanSimple(cursor: Cursor, indent: number): string | undefined {
  const { text, at: start } = cursor;
  const first = text.charCodeAt(start);
  if (!isLetter(first) && (first < ch.zero || first > ch.nine)) return undefined;
  let at = start + 1;
  for (let code = text.charCodeAt(at); code !== ch.newline; code = text.charCodeAt(++at)) {
    if (code === ch.hash || code < ch.space || code > 0x7e) return undefined;
    if (code === ch.colon && isBlankOrEnd(text.charCodeAt(at + 1))) return undefined;
  }
  if (text.charCodeAt(at - 1) === ch.space) return undefined;
  let next = at + 1;
  while (text.charCodeAt(next) === ch.space) next++;
  const code = text.charCodeAt(next);
  if (next - at - 1 > indent || code <= ch.hash || code > 0x7e) return undefined;
  cursor.at = next;
  cursor.lineStart = at + 1;
  cursor.keyAllowed = true;
  return text.slice(start, at);
}
