import { toText } from "../value.ts";

const named: Readonly<Record<string, string>> = {
  ...{ "\x07": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v" },
  ...{ '"': '\\"', "\\": "\\\\" },
};

/** A string between double quotes as Go's `strconv.Quote` writes it. Takes and gives template strings (bytes). */
export function quote(bytes: string): string {
  return `"${[...runes(bytes)].map(quoteOne).join("")}"`;
}

/** The runes of a template string, and bytes that are not UTF-8 as numbers. */
export function* runes(bytes: string): Generator<string | number> {
  for (let at = 0; at < bytes.length; ) {
    const length = runeLength(bytes.charCodeAt(at));
    const rune = toText(bytes.slice(at, at + length));
    const written = bytes.slice(at, at + 3) === "\xef\xbf\xbd";
    const valid = written || ([...rune].length === 1 && rune !== "\ufffd");
    yield valid ? rune : bytes.charCodeAt(at);
    at += valid ? length : 1;
  }
}

function runeLength(first: number): number {
  if (first >= 0xf0) return 4;
  if (first >= 0xe0) return 3;
  return first >= 0xc0 ? 2 : 1;
}

function quoteOne(rune: string | number): string {
  if (typeof rune === "number") return `\\x${hex(rune, 2)}`;
  const short = named[rune];
  if (short !== undefined) return short;
  const point = rune.codePointAt(0) ?? 0;
  if (rune === " " || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(rune)) return Buffer.from(rune).toString("latin1");
  if (point < 0x20 || point === 0x7f) return `\\x${hex(point, 2)}`;
  return point < 0x10000 ? `\\u${hex(point, 4)}` : `\\U${hex(point, 8)}`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
