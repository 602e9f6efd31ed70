import { ch } from "../scan/chars.ts";
import {
  atDocumentMarker,
  type Cursor,
  endOfLine,
  excerpt,
  invalid,
  newCursor,
  placeOf,
  type Reading,
  skipToToken,
} from "../scan/cursor.ts";
import type { Piece } from "../scan/source.ts";
import type { YamlValue } from "../value.ts";
import { parseBlockNode } from "./block.ts";
import { DuplicateKey } from "./members.ts";

/** What a piece of a file holds. */
export interface Content {
  readonly value: YamlValue;
  /** The line on which it begins. */
  readonly line: number;
}

/** Reads the first document of a piece. Throws `Failure` (YamlInvalid, InputTooLarge). */
export function readPiece(piece: Piece, reading: Reading): Content {
  try {
    return readOnce(piece, reading);
  } catch (thrown) {
    // To name both places of a key, read again and note where everything stands.
    if (thrown instanceof DuplicateKey) return readOnce(piece, { ...reading, places: new Map() });
    throw thrown;
  }
}

function readOnce(piece: Piece, reading: Reading): Content {
  const cursor = newCursor(piece, reading);
  skipToToken(cursor, false);
  startDocument(cursor);
  const { line } = placeOf(cursor, cursor.at);
  const isEmpty = cursor.text.charCodeAt(cursor.at) === ch.end || atDocumentMarker(cursor);
  const value = isEmpty ? null : parseBlockNode(cursor, -1, false);
  checkEnd(cursor);
  return { value, line };
}

/** Moves over directives and `---`. */
function startDocument(cursor: Cursor): void {
  const { at } = cursor;
  while (cursor.at === cursor.lineStart && cursor.text.charCodeAt(cursor.at) === ch.percent) readDirective(cursor);
  if (atDocumentMarker(cursor) && cursor.text.charCodeAt(cursor.at) === ch.minus) {
    cursor.at += 3;
    cursor.keyAllowed = false;
    skipToToken(cursor, true);
  } else if (cursor.at > at) {
    throw invalid(cursor, at, {
      message: "a directive without a document behind it",
      hint: "kustomize reads none: leave it out",
    });
  }
}

/** Reads `%YAML` (1.1 only, as go-yaml does) or `%TAG`. */
function readDirective(cursor: Cursor): void {
  const end = endOfLine(cursor.text, cursor.at);
  const line = cursor.text.slice(cursor.at, end);
  const version = /^%YAML[ \t]+(\d{1,2}\.\d{1,2})[ \t]*(?:#.*)?$/.exec(line)?.[1];
  const tag = /^%TAG[ \t]+(!(?:[\w-]*!)?)[ \t]+([\w\-;/?:@&=+$,.!~*'()[\]%]+)[ \t]*(?:#.*)?$/.exec(line);
  if (tag !== null) cursor.tagHandles.set(tag[1] ?? "", tag[2] ?? "");
  else if (version !== "1.1") {
    const message = version === undefined ? `"${line}" is not a directive` : `YAML ${version}is not supported`;
    throw invalid(cursor, cursor.at, { message, hint: "leave the line out" });
  }
  cursor.at = end;
  skipToToken(cursor, false);
}

/**
 * Refuses what stands behind the document. go-yaml would not look at it, so that a part of the file would be lost without
 * a word; in settings, a further document behind `---` is let pass.
 */
function checkEnd(cursor: Cursor): void {
  const ended = atDocumentMarker(cursor);
  const isNext = ended && cursor.text.charCodeAt(cursor.at) === ch.minus;
  if (ended) {
    cursor.at += 3;
    skipToToken(cursor, true);
  }
  if (cursor.text.charCodeAt(cursor.at) === ch.end || (isNext && cursor.dialect === "v2")) return;
  const hint = ended ? "separate documents by a line of three dashes" : "one document holds one value";
  throw invalid(cursor, cursor.at, { message: `${excerpt(cursor, cursor.at)} behind the end of the document`, hint });
}
