import { ch, isBlank, isBreak, readBreak } from "./chars.ts";
import { type Cursor, excerpt, invalid, isDocumentMarker } from "./cursor.ts";

/**
 * Reads the quoted scalar at the cursor and leaves the cursor behind its closing quote. Line breaks are folded, escapes
 * of double quotes read. Source: go.yaml.in/yaml/v3 scannerc.go `yaml_parser_scan_flow_scalar`.
 */
export function scanQuoted(cursor: Cursor): string {
  const { text } = cursor;
  const quote = text.charCodeAt(cursor.at);
  const start = cursor.at + 1;
  let at = start;
  for (let code = text.charCodeAt(at); code !== quote; code = text.charCodeAt(++at)) {
    if (code === ch.backslash && quote === ch.doubleQuote) return scanSlowly(cursor, quote);
    if (code === ch.end || (code !== ch.space && isBreak(code))) return scanSlowly(cursor, quote);
  }
  if (quote === ch.singleQuote && text.charCodeAt(at + 1) === quote) return scanSlowly(cursor, quote);
  cursor.at = at + 1;
  return text.slice(start, at);
}

/** Reads a quoted scalar with escapes, doubled quotes or line breaks. */
function scanSlowly(cursor: Cursor, quote: number): string {
  const { text } = cursor;
  const start = cursor.at;
  let result = "";
  let at = start + 1;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === ch.end) throw unterminated(cursor, start);
    if (code === quote) {
      if (quote === ch.doubleQuote || text.charCodeAt(at + 1) !== quote) break;
      result += "'";
      at += 2;
    } else if (code === ch.backslash && quote === ch.doubleQuote) {
      const escaped = readEscape(cursor, at);
      result += escaped.value;
      at = escaped.end;
    } else if (isBlank(code) || isBreak(code)) {
      const gap = readGap(cursor, start, at);
      result += gap.value;
      at = gap.end;
    } else {
      const from = at;
      at = endOfWord(text, at, quote);
      result += text.slice(from, at);
    }
  }
  cursor.at = at + 1;
  return result;
}

function endOfWord(text: string, from: number, quote: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(++at);
    if (code === quote || code === ch.end || isBlank(code) || isBreak(code)) return at;
    if (code === ch.backslash && quote === ch.doubleQuote) return at;
  }
}

/** Something read: what it stands for, and the index behind it. */
interface Reading {
  readonly value: string;
  readonly end: number;
}

/** White space inside quotes: kept on one line; folded to a space, or to the breaks beyond the first, over several. */
function readGap(cursor: Cursor, start: number, from: number): Reading {
  const { text } = cursor;
  let at = from;
  while (isBlank(text.charCodeAt(at))) at++;
  if (!isBreak(text.charCodeAt(at))) return { value: text.slice(from, at), end: at };
  const first = readBreak(text.charCodeAt(at));
  const rest = readBreaks(cursor, start, at + 1);
  return { value: first !== "\n" ? first + rest.value : rest.value || " ", end: rest.end };
}

/** The line breaks up to the next text, from an index behind a line break; notes where the last line begins. */
function readBreaks(cursor: Cursor, start: number, from: number): Reading {
  const { text } = cursor;
  let value = "";
  let at = from;
  for (;;) {
    cursor.lineStart = at;
    if (isDocumentMarker(text, at)) {
      const message = `${excerpt(cursor, at)} begins a new document inside an open quoted string`;
      throw invalid(cursor, start, { message, hint: "close the quotes" });
    }
    while (isBlank(text.charCodeAt(at))) at++;
    const code = text.charCodeAt(at);
    if (!isBreak(code)) return { value, end: at };
    value += readBreak(code);
    at++;
  }
}

const escapes: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\b",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "'": "'",
  "\\": "\\",
  N: "\u0085",
  _: "\u00a0",
  L: "\u2028",
  P: "\u2029",
};

const digitsOf: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

function readEscape(cursor: Cursor, at: number): Reading {
  const name = cursor.text.charAt(at + 1);
  if (isBreak(name.charCodeAt(0))) {
    const breaks = readBreaks(cursor, at, at + 2);
    return { value: breaks.value, end: breaks.end };
  }
  const simple = Object.hasOwn(escapes, name) ? escapes[name] : undefined;
  if (simple !== undefined) return { value: simple, end: at + 2 };
  const length = Object.hasOwn(digitsOf, name) ? (digitsOf[name] ?? 0) : 0;
  const digits = cursor.text.slice(at + 2, at + 2 + length);
  if (length === 0 || digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) {
    const hint = "write a backslash as \\\\, or use single quotes, which know no escapes";
    throw invalid(cursor, at, { message: `unknown escape ${excerpt(cursor, at)} in double quotes`, hint });
  }
  const value = Number.parseInt(digits, 16);
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) {
    const hint = "write a character beyond U+FFFF as \\U and eight digits, or as itself";
    throw invalid(cursor, at, { message: `\\${name}${digits} is not a character`, hint });
  }
  return { value: String.fromCodePoint(value), end: at + 2 + length };
}

function unterminated(cursor: Cursor, start: number): Error {
  const quote = cursor.text.charAt(start);
  return invalid(cursor, start, {
    message: `the quotes opened here are never closed`,
    hint: `add the closing ${quote}`,
  });
}
