import { fromText, templateError, toText, type Value } from "../value.ts";
import { goInteger, valueOfInteger } from "./go-integer.ts";

/** A part of a template: text to copy, or the inside of `{{ }}`. */
export type Piece = { readonly text: string } | { readonly action: string };

/** A token inside an action. `adjacent`: no space before it, which tells `.a.b` from `.a .b`. */
export type Token =
  | { readonly type: "literal"; readonly value: Value; readonly adjacent: boolean }
  | { readonly type: "word"; readonly text: string; readonly adjacent: boolean }
  | { readonly type: "field"; readonly text: string; readonly adjacent: boolean }
  | { readonly type: "variable"; readonly text: string; readonly adjacent: boolean }
  | { readonly type: "mark"; readonly text: string; readonly adjacent: boolean };

const whiteSpace = new Set([" ", "\t", "\r", "\n"]);
const blank = " \\t\\r\\n";
const comment = new RegExp(`^\\{\\{(-[${blank}]+)?/\\*([\\s\\S]*?)\\*/([${blank}]+-)?\\}\\}`);
const string = /"(?:[^"\\\n]|\\[\s\S])*"|`[^`]*`|'(?:[^'\\\n]|\\[\s\S])+'/;
const action = new RegExp(`^\\{\\{(-(?=[${blank}]))?((?:${string.source}|(?!\\}\\})[^"\`'])*?)([${blank}]-)?\\}\\}`);

/** Splits a template into text and actions, without comments and the white space that `{{-` and `-}}` trim. */
export function split(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let rest = source;
  let trimNext = false;
  while (rest !== "") {
    const opened = rest.indexOf("{{");
    const text = opened < 0 ? rest : rest.slice(0, opened);
    rest = opened < 0 ? "" : rest.slice(opened);
    const found = comment.exec(rest) ?? action.exec(rest);
    if (rest !== "" && found === null)
      throw templateError("an action is not closed by }}, or a quote in it is not closed");
    const start = trimNext ? firstNonSpace(text, 0, 1) : 0;
    const end = found?.[1] === undefined ? text.length : firstNonSpace(text, text.length - 1, -1) + 1;
    pieces.push({ text: text.slice(start, Math.max(start, end)) });
    if (found === null) break;
    if (!comment.test(found[0])) pieces.push({ action: found[2] ?? "" });
    trimNext = found[3] !== undefined;
    rest = rest.slice(found[0].length);
  }
  return pieces.filter((piece) => !("text" in piece) || piece.text !== "");
}

/** The index of the first character that is not white space, from one end. */
function firstNonSpace(text: string, from: number, step: 1 | -1): number {
  let at = from;
  while (at >= 0 && at < text.length && whiteSpace.has(text[at] ?? "")) at += step;
  return at;
}

const tokenPattern = new RegExp(
  [
    `(?<space>[${blank}]+)`,
    `(?<string>${string.source})`,
    "(?<number>[+-]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\\d[\\d_]*)?\\.?\\d[\\d_]*(?:[eE][+-]?\\d+)?)(?![\\w.]))",
    "(?<variable>\\$[A-Za-z0-9_]*)",
    "(?<field>\\.[A-Za-z_][A-Za-z0-9_]*)",
    "(?<word>[A-Za-z_][A-Za-z0-9_]*)",
    "(?<mark>:=|[=|(),.])",
  ].join("|"),
  "y",
);

/** The tokens inside an action. */
export function tokens(source: string): readonly Token[] {
  const found: Token[] = [];
  let adjacent = false;
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < source.length) {
    const groups = tokenPattern.exec(source)?.groups;
    if (groups === undefined) throw templateError("unexpected character in an action");
    if (groups.space === undefined) found.push(tokenOf(groups, adjacent));
    adjacent = groups.space === undefined;
  }
  return found;
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>, adjacent: boolean): Token {
  const { string: text, number, variable, field, word, mark } = groups;
  if (text !== undefined) return { type: "literal", value: unquote(text), adjacent };
  if (number !== undefined) return { type: "literal", value: numberOf(number), adjacent };
  if (variable !== undefined) return { type: "variable", text: variable, adjacent };
  if (field !== undefined) return { type: "field", text: field.slice(1), adjacent };
  if (word === "true" || word === "false") return { type: "literal", value: word === "true", adjacent };
  if (word !== undefined) return { type: "word", text: word, adjacent };
  return { type: "mark", text: mark ?? "", adjacent };
}

const float = /^(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d+)?$/;

/** An integer, or a float where the text has a point or an exponent; both in Go's 64 bits. */
function numberOf(text: string): bigint | number {
  const sign = text.startsWith("-") ? -1 : 1;
  const digits = text.replace(/^[+-]/, "");
  if (goInteger.test(digits)) {
    const value = valueOfInteger(digits) * BigInt(sign);
    if (value === BigInt.asIntN(64, value)) return value;
  } else if (float.test(digits) && /[.eE]/.test(digits)) {
    const value = Number(digits.replaceAll("_", "")) * sign;
    if (Number.isFinite(value)) return value;
  }
  throw templateError("a number is malformed or too large");
}

const escapes: Readonly<Record<string, string>> = {
  ...{ a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\\": "\\", '"': '"', "'": "'" },
};

/** A Go literal without its quotes: a raw string, an interpreted one, or a character, which is its code point. */
function unquote(literal: string): Value {
  const inner = literal.slice(1, -1);
  if (literal.startsWith("`")) return inner.replaceAll("\r", "");
  const text = inner.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs, unescaped);
  if (!literal.startsWith("'")) return text;
  // '\xff' is the number of its byte; a character that is written out is UTF-8.
  const [character = "", ...more] = /^\\(?:x|[0-7])/.test(inner) ? text : toText(text);
  if (more.length > 0) throw templateError("a character constant holds more than one character");
  return BigInt(character.codePointAt(0) ?? 0);
}

function unescaped(_all: string, ...found: readonly (string | undefined)[]): string {
  const [hex, short, long, octal, letter = ""] = found;
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
  const codePoint = short ?? long;
  if (codePoint !== undefined) return ofCodePoint(Number.parseInt(codePoint, 16));
  const character = escapes[letter];
  if (character === undefined) throw templateError(`unknown escape sequence \\${letter}`);
  return character;
}

/** Go has no surrogates, and nothing behind U+10FFFF. */
function ofCodePoint(code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw templateError("an escape is no Unicode code point");
  return fromText(String.fromCodePoint(code));
}
