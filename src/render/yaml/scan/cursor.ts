import { Failure, type Problem } from "../../../model/failure.ts";
import type { YamlMap, YamlValue } from "../value.ts";
import { ch, isBlankOrEnd, isBreak } from "./chars.ts";
import type { Piece } from "./source.ts";

/** Whose rules decide what a plain scalar is: go-yaml v3 reads resources, v2 what kustomize is configured with. */
export type Dialect = "v2" | "v3";

/** The indices at which the members of maps and lists begin in the text. */
export type Places = Map<YamlMap | YamlValue[], Map<string | number, number>>;

/** A value behind an anchor, and how it was written if it is a scalar. */
export interface Anchored {
  readonly value: YamlValue;
  readonly written: string | undefined;
  readonly quoted: boolean;
  readonly folded: boolean;
}

/** The state of one reading of one document. Between nodes the cursor stands on the first character of a token. */
export interface Cursor {
  /** The document, closed by a NUL character, which cannot occur in it. */
  readonly text: string;
  readonly file: string;
  /** The line of the file on which the text begins. */
  readonly firstLine: number;
  readonly dialect: Dialect;
  at: number;
  /** The index at which the current line begins. */
  lineStart: number;
  /** Whether a key without `?`, or a dash, may stand here: at the start of a line and behind a dash, `?` or lone colon. */
  keyAllowed: boolean;
  depth: number;
  /** Whether the value just read was not there at all. */
  emptyValue: boolean;
  /** What stands behind anchors; undefined while the anchored node is still being read. */
  readonly anchors: Map<string, Anchored | undefined>;
  /** How many characters aliases have multiplied so far. */
  copied: number;
  /** What `%TAG` directives say, by handle. */
  readonly tagHandles: Map<string, string>;
  /** The text of the scalar that was read last; undefined since another member began. */
  written: string | undefined;
  /** Whether that scalar stood in quotes or in a block. */
  quoted: boolean;
  /** Whether that scalar stood in a folded block. */
  folded: boolean;
  readonly duplicateKeys: boolean;
  /** Filled where the places of members are asked for. */
  readonly places: Places | undefined;
}

/** How a document is read. */
export interface Reading {
  readonly file: string;
  readonly dialect: Dialect;
  readonly places?: Places;
  /** Whether a name may be there twice in one map. */
  readonly duplicateKeys?: boolean;
}

/** A cursor at the start of a text that is closed by a NUL character. */
export const newCursor = (piece: Piece, reading: Reading): Cursor => ({
  text: piece.text,
  file: reading.file,
  firstLine: piece.firstLine,
  dialect: reading.dialect,
  at: 0,
  lineStart: 0,
  keyAllowed: true,
  depth: 0,
  emptyValue: false,
  anchors: new Map(),
  copied: 0,
  written: undefined,
  quoted: false,
  folded: false,
  tagHandles: new Map([["!!", "tag:yaml.org,2002:"]]),
  duplicateKeys: reading.duplicateKeys === true,
  places: reading.places,
});

/** Deeper than any object the Kubernetes API takes, and shallow enough for every stack. */
export const maxDepth = 1000;

/** The column of the cursor, from 0. */
export const columnOf = (cursor: Cursor): number => cursor.at - cursor.lineStart;

/** Moves over spaces, comments and line breaks to the next token; over tabs too where `tabs` or in flow style. */
export function skipToToken(cursor: Cursor, tabs: boolean, flow = false): void {
  const { text } = cursor;
  let { at } = cursor;
  let tabsAllowed = tabs;
  for (;;) {
    let code = text.charCodeAt(at);
    while (code === ch.space || (code === ch.tab && tabsAllowed)) code = text.charCodeAt(++at);
    if (code === ch.hash) {
      at = endOfLine(text, at);
      code = text.charCodeAt(at);
    }
    if (code > ch.space || !isBreak(code)) {
      if (code < ch.nextLine || !isBreak(code)) break;
    }
    at++;
    cursor.lineStart = at;
    cursor.keyAllowed = true;
    tabsAllowed = flow;
  }
  cursor.at = at;
}

/** The index of the next line break, or of the end. */
export function endOfLine(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code !== ch.end && !isBreak(code); ) code = text.charCodeAt(++at);
  return at;
}

/** Whether the line begins with `---` or `...`, which ends a document wherever it stands. */
export function atDocumentMarker(cursor: Cursor): boolean {
  return cursor.at === cursor.lineStart && isDocumentMarker(cursor.text, cursor.at);
}

/** Whether `---` or `...` stands at an index that begins a line. */
export function isDocumentMarker(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  if (code !== ch.minus && code !== ch.dot) return false;
  return text.charCodeAt(at + 1) === code && text.charCodeAt(at + 2) === code && isBlankOrEnd(text.charCodeAt(at + 3));
}

/** What a problem says: the words, and what to do about it. */
export interface Complaint {
  readonly message: string;
  readonly hint?: string;
}

/** The failure of a document at an index of its text. */
export function invalid(cursor: Cursor, at: number, complaint: Complaint): Failure {
  return new Failure("YamlInvalid", { ...complaint, ...placeOf(cursor, at) });
}

/** File, line and column of an index, lines and columns from 1. */
export function placeOf(cursor: Cursor, at: number): Required<Pick<Problem, "file" | "line" | "column">> {
  let line = cursor.firstLine;
  let start = 0;
  for (let i = 0; i < at && i < cursor.text.length; i++) {
    if (!isBreak(cursor.text.charCodeAt(i))) continue;
    line++;
    start = i + 1;
  }
  return { file: cursor.file, line, column: at - start + 1 };
}

/** A short piece of the text at an index, quoted, to show what was found there. */
export function excerpt(cursor: Cursor, at: number): string {
  const end = Math.min(endOfLine(cursor.text, at), at + 30);
  return at >= cursor.text.length - 1 ? "the end of the document" : `"${cursor.text.slice(at, end).trimEnd()}"`;
}

/** Counts one level of nesting; pair it with `leave`. */
export function enter(cursor: Cursor): void {
  cursor.depth++;
  if (cursor.depth <= maxDepth) return;
  const message = `nested deeper than ${maxDepth} levels`;
  throw new Failure("InputTooLarge", { message, ...placeOf(cursor, cursor.at) });
}

/** Ends a level of nesting. */
export function leave(cursor: Cursor): void {
  cursor.depth--;
}
