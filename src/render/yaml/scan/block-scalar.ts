import { ch, isBlank, isBreak, readBreak } from "./chars.ts";
import { type Cursor, endOfLine, excerpt, invalid, newCursor } from "./cursor.ts";

/** What stands behind `|` or `>`: what happens to the last line breaks, and how far the text is indented, 0 for unsaid. */
interface Header {
  readonly literal: boolean;
  readonly chomping: "clip" | "strip" | "keep";
  readonly increment: number;
}

/**
 * Reads the block scalar at the cursor, inside a block of `indent`, and leaves the cursor on the line behind it.
 * Source: go.yaml.in/yaml/v3 scannerc.go `yaml_parser_scan_block_scalar`.
 */
export function scanBlockScalar(cursor: Cursor, indent: number): string {
  const header = readHeader(cursor);
  const { text } = cursor;
  const given = header.increment === 0 ? 0 : Math.max(indent, 0) + header.increment;
  let breaks = skipBreaks(cursor, given);
  const width = given === 0 ? Math.max(breaks.widest, indent + 1, 1) : given;
  let result = "";
  let lineBreak = "";
  let wasBlank = false;
  while (cursor.at - cursor.lineStart === width && text.charCodeAt(cursor.at) !== ch.end) {
    const blank = isBlank(text.charCodeAt(cursor.at));
    const folds = !header.literal && !wasBlank && !blank && lineBreak === "\n";
    if (!folds) result += lineBreak;
    else if (breaks.text === "") result += " ";
    const end = endOfLine(text, cursor.at);
    result += breaks.text + text.slice(cursor.at, end);
    wasBlank = blank;
    lineBreak = text.charCodeAt(end) === ch.end ? "" : readBreak(text.charCodeAt(end));
    cursor.at = end;
    if (lineBreak === "") {
      breaks = { text: "", widest: 0 };
      break;
    }
    cursor.at = end + 1;
    cursor.lineStart = cursor.at;
    breaks = skipBreaks(cursor, width);
  }
  cursor.keyAllowed = true;
  if (header.chomping === "strip") return result;
  return header.chomping === "keep" ? result + lineBreak + breaks.text : result + lineBreak;
}

/** Reads a block scalar that stands alone, as in a block of indentation 0. */
export function readBlockScalar(scalar: string): string {
  return scanBlockScalar(newCursor({ text: `${scalar}\0`, firstLine: 1 }, { file: "", dialect: "v3" }), 0);
}

/** Reads the indicators and the rest of their line. */
function readHeader(cursor: Cursor): Header {
  const start = cursor.at;
  const match = /[|>](?:([+-])([0-9])?|([0-9])([+-])?)?[ \t]*/y;
  match.lastIndex = start;
  const [all = "", sign1, digit1, digit2, sign2] = match.exec(cursor.text) ?? [];
  const increment = digit1 ?? digit2;
  if (increment === "0") {
    throw invalid(cursor, start, {
      message: "a block scalar cannot have an indentation of 0",
      hint: "leave the 0 out",
    });
  }
  let at = start + all.length;
  if (cursor.text.charCodeAt(at) === ch.hash) at = endOfLine(cursor.text, at);
  const code = cursor.text.charCodeAt(at);
  if (code !== ch.end && !isBreak(code)) {
    const hint = "begin the text on the next line, or quote it";
    throw invalid(cursor, at, { message: `${excerpt(cursor, at)} behind ${cursor.text.charAt(start)}`, hint });
  }
  cursor.at = code === ch.end ? at : at + 1;
  cursor.lineStart = cursor.at;
  const sign = sign1 ?? sign2;
  return {
    literal: cursor.text.charCodeAt(start) === ch.pipe,
    chomping: sign === "-" ? "strip" : sign === "+" ? "keep" : "clip",
    increment: Number(increment ?? 0),
  };
}

/** Moves over blank lines and the indentation of the next one; `width` is 0 while it is not known. */
function skipBreaks(cursor: Cursor, width: number): { readonly text: string; readonly widest: number } {
  const { text } = cursor;
  let breaks = "";
  let widest = 0;
  for (;;) {
    let { at } = cursor;
    while ((width === 0 || at - cursor.lineStart < width) && text.charCodeAt(at) === ch.space) at++;
    const column = at - cursor.lineStart;
    widest = Math.max(widest, column);
    const code = text.charCodeAt(at);
    if (code === ch.tab && (width === 0 || column < width)) {
      throw invalid(cursor, at, {
        message: "a tab in the indentation of a block scalar",
        hint: "indent with spaces",
      });
    }
    cursor.at = at;
    if (!isBreak(code)) return { text: breaks, widest };
    breaks += readBreak(code);
    cursor.at = at + 1;
    cursor.lineStart = cursor.at;
  }
}
