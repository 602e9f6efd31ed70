import { Failure, type Problem } from "../../model/failure.ts";
import type { Member, Places, Reading } from "./cursor.ts";
import { type Content, readPiece } from "./document.ts";
import { decodeText, type Piece, splitDocuments, wholeText } from "./source.ts";
import type { YamlMap, YamlValue } from "./value.ts";

/** After as many problems the rest of a file is not read. */
const maxProblems = 20;

/** A place in a file, both from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One document of a file. */
export interface YamlDocument {
  /** What it holds; never null, since empty documents are left out. */
  readonly value: YamlValue;
  /** The line on which its content begins, from 1. */
  readonly line: number;
  /** Where the value at a path stands, or its nearest ancestor that was read. The first question reads the text again. */
  locate(path: readonly (string | number)[]): Position;
  /**
   * The text of the scalar at a path as it was written (`1.10`, `0x10`, `2001-01-01`), without quotes; undefined where no
   * scalar stands there, or an alias does. The first question reads the text again.
   */
  writtenAt(path: readonly (string | number)[]): string | undefined;
}

/**
 * The documents of a file, read as kustomize reads resources (go-yaml v3, then JSON), empty ones left out. In every map
 * `__proto__` and `constructor` are keys like any other. Aliases are written out, `<<` is merged, points in time are text.
 * Throws `Failure` (YamlInvalid, InputTooLarge) that names file, line and column, with one problem per document, twenty
 * at the most.
 * Sources: kyaml kio/byteio_reader.go and yaml/rnode.go, go.yaml.in/yaml/v3.
 */
export function parseDocuments(input: Uint8Array | string, file: string): readonly YamlDocument[] {
  const documents: YamlDocument[] = [];
  const problems: Problem[] = [];
  for (const piece of splitDocuments(decodeText(input, file), file)) {
    if (problems.length >= maxProblems) break;
    try {
      const content = readPiece(piece, { file, dialect: "v3" });
      if (content.value !== null) documents.push(documentOf(piece, content, { file, dialect: "v3" }));
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.code !== "YamlInvalid") throw thrown;
      problems.push(...thrown.problems);
    }
  }
  if (problems.length > 0) throw new Failure("YamlInvalid", problems);
  return documents;
}

/**
 * The first document of a file, read as kustomize reads its own settings (go-yaml v2, then JSON: `yes` and `on` are true);
 * undefined where it is empty. Throws `Failure` (YamlInvalid, InputTooLarge) that names file, line and column.
 */
export function parseSettings(input: Uint8Array | string, file: string): YamlDocument | undefined {
  const piece = wholeText(decodeText(input, file));
  const content = readPiece(piece, { file, dialect: "v2" });
  return content.value === null ? undefined : documentOf(piece, content, { file, dialect: "v2" });
}

function documentOf(piece: Piece, content: Content, reading: Reading): YamlDocument {
  let noted: Noted | undefined;
  const member = (path: readonly (string | number)[]): Member => {
    noted ??= readNoting(piece, reading);
    return find(noted, path);
  };
  return {
    ...content,
    locate: (path) => positionIn(piece, member(path).at),
    writtenAt: (path) => member(path).written,
  };
}

/** A document with the place of every member. */
interface Noted {
  readonly value: YamlValue;
  readonly places: Places;
}

/** Reads a document once more, for whoever asks where something stands; few do, so the first reading notes nothing. */
function readNoting(piece: Piece, reading: Reading): Noted {
  const places: Places = new Map();
  return { value: readPiece(piece, { ...reading, places }).value, places };
}

/** The member at a path, or its nearest ancestor that was read. */
function find(noted: Noted, path: readonly (string | number)[]): Member {
  let value: YamlValue | undefined = noted.value;
  let found: Member = { at: 0, written: undefined };
  for (const step of path) {
    const member: Member | undefined = isCollection(value) ? noted.places.get(value)?.get(step) : undefined;
    if (member === undefined) return { ...found, written: undefined };
    found = member;
    value = memberOf(value, step);
  }
  return isCollection(value) ? { ...found, written: undefined } : found;
}

const isCollection = (value: YamlValue | undefined): value is YamlMap | YamlValue[] =>
  typeof value === "object" && value !== null;

function memberOf(value: YamlValue | undefined, step: string | number): YamlValue | undefined {
  if (!isCollection(value)) return undefined;
  return Array.isArray(value) ? value[Number(step)] : value[step];
}

function positionIn(piece: Piece, at: number): Position {
  const before = piece.text.slice(0, at);
  const lines = before.split(/[\n\r\x85\u2028\u2029]/);
  return { line: piece.firstLine + lines.length - 1, column: (lines.at(-1) ?? "").length + 1 };
}
