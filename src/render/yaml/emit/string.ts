import { resolvesToString } from "../resolve/words.ts";

/** Where a scalar is written: the column it starts at, the indentation of further lines, and whether it must fit on one. */
export interface ScalarPlace {
  readonly column: number;
  readonly indent: number;
  readonly oneLine?: boolean;
}

const bestWidth = 80;

const space = 0x20;
const newline = 0x0a;

/** Properties of a string that decide in which styles it may be written. */
interface Analysis {
  readonly plainAllowed: boolean;
  readonly singleQuotedAllowed: boolean;
  readonly blockAllowed: boolean;
}

/**
 * Writes a string and a line break behind it, in the style go-yaml v2 chooses: plain where it reads back as a string,
 * literal where it has line breaks, single quotes where it looks like YAML, double quotes where it looks like another
 * type or holds what is not printable (tabs and everything beyond the basic plane among it).
 * Source: go.yaml.in/yaml/v2 encode.go `stringv`, emitterc.go `yaml_emitter_select_scalar_style`.
 */
export function writeString(output: { text: string }, value: string, place: ScalarPlace): void {
  if (isOrdinary(value)) {
    if (place.column + value.length <= bestWidth || place.oneLine === true) output.text += `${value}\n`;
    else output.text += `${foldPlain(value, place)}\n`;
    return;
  }
  output.text += styled(value.includes("\u0085") ? foldNextLines(value) : value, place);
}

/**
 * Go's JSON writes U+0085 as it is, and go-yaml reads it back as a line break inside quotes: a single one becomes a
 * space, n of them n - 1 line breaks. What kustomize prints has passed through that.
 */
const foldNextLines = (value: string): string =>
  value.replace(/(?<! ) *\u0085(?: *\u0085)* */g, (run) => "\n".repeat(run.replaceAll(" ", "").length - 1) || " ");

/** Whether a string is written without quotes, and not as a block. */
export function isWrittenPlain(value: string): boolean {
  if (isOrdinary(value)) return true;
  return !value.includes("\n") && resolvesToString(value) && analyse(value).plainAllowed;
}

/** The characters with which a plain scalar may begin that begins no word of YAML 1.1: letters but f, n, o, t and y. */
const ordinaryStarts = "abcdeghijklmpqrsuvwxzABCDEGHIJKLMPQRSUVWXZ";
/** The characters that mean nothing to YAML inside a plain scalar, in any place. */
const ordinaryInside = `${ordinaryStarts}fnotyFNOTY0123456789._/-=@$()+*;<>^~!%&|`;

const codes = (characters: string): Uint8Array =>
  Uint8Array.from({ length: 0x80 }, (_, code) => (characters.includes(String.fromCharCode(code)) ? 1 : 0));
const isStart = codes(ordinaryStarts);
const isInside = codes(ordinaryInside);

/** Whether a string is plain, and no more to see: such characters, with lone spaces or colons between them. */
function isOrdinary(value: string): boolean {
  const last = value.length - 1;
  if (last < 0 || isStart[value.charCodeAt(0)] !== 1) return false;
  for (let i = 1; i <= last; i++) {
    const code = value.charCodeAt(i);
    if (isInside[code] === 1) continue;
    if ((code !== space && code !== 0x3a) || i === last || isInside[value.charCodeAt(i + 1)] !== 1) return false;
  }
  return true;
}

function styled(value: string, place: ScalarPlace): string {
  const analysis = analyse(value);
  if (value.includes("\n") && place.oneLine !== true && analysis.blockAllowed) return literal(value, place);
  if (value.includes("\n") || !resolvesToString(value)) return `${doubleQuoted(value, place)}\n`;
  if (analysis.plainAllowed) return `${foldPlain(value, place)}\n`;
  return analysis.singleQuotedAllowed ? `${singleQuoted(value, place)}\n` : `${doubleQuoted(value, place)}\n`;
}

/** The breaks go-yaml knows: CR, LF, NEL, LS and PS. */
const isBreak = (code: number): boolean =>
  code === newline || code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029;

/** What go-yaml v2 writes as it is: no tab, no CR, no byte order mark, nothing beyond the basic plane. */
function isPrintable(code: number): boolean {
  if (code < 0x7f) return code >= space || code === newline;
  return code >= 0xa0 && !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfeff && code < 0xfffe;
}

/** Source: go.yaml.in/yaml/v2 emitterc.go `yaml_emitter_analyze_scalar`. */
function analyse(value: string): Analysis {
  let lineBreaks = false;
  let special = false;
  let breakSpace = false;
  let spaceBreak = false;
  let previous = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (!isPrintable(code)) special = true;
    if (code === space && isBreak(previous)) breakSpace = true;
    if (isBreak(code)) {
      lineBreaks = true;
      if (previous === space) spaceBreak = true;
    }
    previous = code;
  }
  const outerSpace = edgeIs(value, (code) => code === space || isBreak(code));
  const trailingSpace = previous === space;
  return {
    plainAllowed: !(outerSpace || breakSpace || spaceBreak || special || lineBreaks || hasIndicators(value)),
    singleQuotedAllowed: !(breakSpace || spaceBreak || special),
    blockAllowed: value.length > 0 && !(trailingSpace || spaceBreak || special),
  };
}

const edgeIs = (value: string, test: (code: number) => boolean): boolean =>
  value.length > 0 && (test(value.charCodeAt(0)) || test(value.charCodeAt(value.length - 1)));

/** Whether a string holds what would mean something else in a plain scalar in block context. */
const hasIndicators = (value: string): boolean =>
  /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[-?](?:[ \t]|$))|:(?:[ \t]|$)|[ \t\n\r\0\u0085\u2028\u2029]#/.test(value);

/** A plain scalar, folded: a lone space beyond column 80 becomes a line break. */
function foldPlain(value: string, place: ScalarPlace): string {
  if (place.oneLine === true || place.column + value.length <= bestWidth) return value;
  const column = { at: place.column };
  let text = "";
  let start = 0;
  for (let i = 0; i < value.length; i++) {
    if (!isLowSurrogate(value.charCodeAt(i))) column.at++;
    if (value.charCodeAt(i) !== space || column.at - 1 <= bestWidth) continue;
    if (value.charCodeAt(i - 1) === space || value.charCodeAt(i + 1) === space) continue;
    text += `${value.slice(start, i)}\n${" ".repeat(place.indent)}`;
    start = i + 1;
    column.at = place.indent;
  }
  return text + value.slice(start);
}

const isLowSurrogate = (code: number): boolean => code >= 0xdc00 && code <= 0xdfff;

/** A literal block: `|`, an indentation indicator where it starts with white space, a chomping indicator, the lines. */
function literal(value: string, place: ScalarPlace): string {
  const first = value.charCodeAt(0);
  const hint = first === space || isBreak(first) ? "2" : "";
  const lines = value.split(/(?<=[\n\u2028\u2029])/);
  const pad = " ".repeat(place.indent);
  const body = lines.map((line) => (isBreak(line.charCodeAt(0)) ? line : pad + line)).join("");
  return `|${hint}${chomping(value)}\n${body}${isBreak(value.charCodeAt(value.length - 1)) ? "" : "\n"}`;
}

function chomping(value: string): string {
  const last = value.length - 1;
  if (!isBreak(value.charCodeAt(last))) return "-";
  return last === 0 || isBreak(value.charCodeAt(last - 1)) ? "+" : "";
}

function singleQuoted(value: string, place: ScalarPlace): string {
  const pad = " ".repeat(place.indent);
  let text = "'";
  let column = place.column + 1;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === space && mayFold(value, i, column, place) && value.charCodeAt(i + 1) !== space) {
      text += `\n${pad}`;
      column = place.indent;
      continue;
    }
    if (i > 0 && isBreak(value.charCodeAt(i - 1)) && !isBreak(code)) {
      text += pad;
      column = place.indent;
    }
    text += code === 0x27 ? "''" : value[i];
    column = isBreak(code) ? 0 : column + (code === 0x27 ? 2 : 1);
  }
  return `${text}'`;
}

const mayFold = (value: string, i: number, column: number, place: ScalarPlace): boolean =>
  place.oneLine !== true && column > bestWidth && i > 0 && i < value.length - 1 && value.charCodeAt(i - 1) !== space;

const escapes: Readonly<Record<number, string>> = {
  0: "\\0",
  7: "\\a",
  8: "\\b",
  9: "\\t",
  10: "\\n",
  11: "\\v",
  12: "\\f",
  13: "\\r",
  27: "\\e",
  34: '\\"',
  92: "\\\\",
  133: "\\N",
  160: "\\_",
  8232: "\\L",
  8233: "\\P",
};

function doubleQuoted(value: string, place: ScalarPlace): string {
  const pad = " ".repeat(place.indent);
  // go-yaml looks for a byte order mark at the start of the string only, and then escapes all of it.
  const escapeAll = value.charCodeAt(0) === 0xfeff;
  let text = '"';
  let column = place.column + 1;
  for (let i = 0; i < value.length; i++) {
    const code = value.codePointAt(i) ?? 0;
    if (code > 0xffff) i++;
    if (escapeAll || !isPrintable(code) || code > 0xffff || isBreak(code) || code === 0x22 || code === 0x5c) {
      const escaped = escapes[code] ?? numericEscape(code);
      text += escaped;
      column += escaped.length;
    } else if (code === space && mayFold(value, i, column, place)) {
      const guard = value.charCodeAt(i + 1) === space ? "\\" : "";
      text += `\n${pad}${guard}`;
      column = place.indent + guard.length;
    } else {
      text += String.fromCharCode(code);
      column++;
    }
  }
  return `${text}"`;
}

function numericEscape(code: number): string {
  const digits = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${digits.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}
