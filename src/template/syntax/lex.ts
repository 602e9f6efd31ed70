import { fromText, refusal, type Value } from "../value.ts";

/** A piece of a template: text to copy, or the inside of `{{ }}`. */
export type Piece = { readonly text: string } | { readonly action: string };

/** A word inside an action. `glued` = no space before it, so that `.a.b` and `.a .b` can be told apart. */
export type Token =
  | { readonly type: "literal"; readonly value: Value; readonly glued: boolean }
  | { readonly type: "word"; readonly text: string; readonly glued: boolean }
  | { readonly type: "field"; readonly text: string; readonly glued: boolean }
  | { readonly type: "variable"; readonly text: string; readonly glued: boolean }
  | { readonly type: "mark"; readonly text: string; readonly glued: boolean };

const whiteSpace = new Set([" ", "\t", "\r", "\n"]);
const blank = " \\t\\r\\n";
const comment = new RegExp(`^\\{\\{(-[${blank}]+)?/\\*([\\s\\S]*?)\\*/([${blank}]+-)?\\}\\}`);
const string = /"(?:[^"\\\n]|\\[\s\S])*"|`[^`]*`|'(?:[^'\\\n]|\\[\s\S])+'/;
const action = new RegExp(`^\\{\\{(-(?=[${blank}]))?((?:${string.source}|(?!\\}\\})[^"\`'])*?)([${blank}]-)?\\}\\}`);

/** Cuts a template into text and actions, comments and the white space that `{{-` and `-}}` eat left out. */
export function cut(source: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let rest = source;
  let trimNext = false;
  while (rest !== "") {
    const opened = rest.indexOf("{{");
    const text = opened < 0 ? rest : rest.slice(0, opened);
    rest = opened < 0 ? "" : rest.slice(opened);
    const found = comment.exec(rest) ?? action.exec(rest);
    if (rest !== "" && found === null)
      throw refusal("an action opened with {{ is not closed, or holds an unclosed quote");
    const start = trimNext ? firstOf(text, 0, 1) : 0;
    const end = found?.[1] === undefined ? text.length : firstOf(text, text.length - 1, -1) + 1;
    pieces.push({ text: text.slice(start, Math.max(start, end)) });
    if (found === null) break;
    if (!comment.test(found[0])) pieces.push({ action: found[2] ?? "" });
    trimNext = found[3] !== undefined;
    rest = rest.slice(found[0].length);
  }
  return pieces.filter((piece) => !("text" in piece) || piece.text !== "");
}

/** Where the first character that is no white space stands, seen from one end. */
function firstOf(text: string, from: number, step: 1 | -1): number {
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

/** The tokens of an action's inside. */
export function tokens(source: string): readonly Token[] {
  const found: Token[] = [];
  let glued = false;
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < source.length) {
    const groups = tokenPattern.exec(source)?.groups;
    if (groups === undefined) throw refusal("an action holds a character that has no meaning there");
    if (groups.space === undefined) found.push(tokenOf(groups, glued));
    glued = groups.space === undefined;
  }
  return found;
}

function tokenOf(groups: Readonly<Record<string, string | undefined>>, glued: boolean): Token {
  const { string: text, number, variable, field, word, mark } = groups;
  if (text !== undefined) return { type: "literal", value: unquote(text), glued };
  if (number !== undefined) return { type: "literal", value: numberOf(number), glued };
  if (variable !== undefined) return { type: "variable", text: variable, glued };
  if (field !== undefined) return { type: "field", text: field.slice(1), glued };
  if (word === "true" || word === "false") return { type: "literal", value: word === "true", glued };
  if (word !== undefined) return { type: "word", text: word, glued };
  return { type: "mark", text: mark ?? "", glued };
}

function numberOf(text: string): bigint | number {
  const bare = text.replaceAll("_", "");
  const whole = /^[+-]?(?:0[xXbBoO][0-9a-fA-F]+|\d+)$/.test(bare);
  if (!whole) return Number(bare);
  const digits = bare.replace(/^[+-]/, "");
  const value = /^0\d/.test(digits) ? BigInt(`0o${digits}`) : BigInt(digits);
  return bare.startsWith("-") ? -value : value;
}

const escapes: Readonly<Record<string, string>> = {
  ...{ a: "\x07", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\v", "\\": "\\", '"': '"', "'": "'" },
};

/** A Go literal without its quotes: a raw string, an interpreted one, or a character, which is its code point. */
function unquote(literal: string): Value {
  const inner = literal.slice(1, -1);
  if (literal.startsWith("`")) return inner.replaceAll("\r", "");
  const text = inner.replace(/\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|(.))/gs, meaningOf);
  if (!literal.startsWith("'")) return text;
  return BigInt(Buffer.from(text, "latin1").toString("utf8").codePointAt(0) ?? 0);
}

function meaningOf(_all: string, ...found: readonly (string | undefined)[]): string {
  const [hex, short, long, octal, letter = ""] = found;
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
  const codePoint = short ?? long;
  if (codePoint !== undefined) return fromText(String.fromCodePoint(Number.parseInt(codePoint, 16)));
  const meaning = escapes[letter];
  if (meaning === undefined) throw refusal(`\\${letter} is not an escape sequence`);
  return meaning;
}
