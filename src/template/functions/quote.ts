import { toText } from "../value.ts";

const named: Readonly<Record<string, string>> = {
  ...{ "\x07": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v" },
  ...{ '"': '\\"', "\\": "\\\\" },
};

/** A string between double quotes as Go's `strconv.Quote` writes it. Takes and gives template strings (bytes). */
export function quote(bytes: string): string {
  return `"${[...letters(bytes)].map(quoteOne).join("")}"`;
}

/** The letters of a template string, and bytes that are no UTF-8 as numbers. */
export function* letters(bytes: string): Generator<string | number> {
  for (let at = 0; at < bytes.length; ) {
    const length = lengthOfLetter(bytes.charCodeAt(at));
    const letter = toText(bytes.slice(at, at + length));
    const valid = [...letter].length === 1 && letter !== "\ufffd";
    yield valid || bytes.slice(at, at + 3) === "\xef\xbf\xbd" ? letter : bytes.charCodeAt(at);
    at += valid || bytes.slice(at, at + 3) === "\xef\xbf\xbd" ? length : 1;
  }
}

function lengthOfLetter(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

function quoteOne(letter: string | number): string {
  if (typeof letter === "number") return `\\x${hex(letter, 2)}`;
  const short = named[letter];
  if (short !== undefined) return short;
  const point = letter.codePointAt(0) ?? 0;
  if (letter === " " || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(letter)) return Buffer.from(letter).toString("latin1");
  if (point < 0x20 || point === 0x7f) return `\\x${hex(point, 2)}`;
  return point < 0x10000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
