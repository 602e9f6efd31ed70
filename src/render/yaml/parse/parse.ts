import { Failure, type Problem } from "../../../model/failure.ts";
import type { Places, Reading } from "../scan/cursor.ts";
import { decodeText, type Piece, splitDocuments, wholeText } from "../scan/source.ts";
import type { YamlMap, YamlValue } from "../value.ts";
import { type Content, readPiece } from "./document.ts";

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
}

/**
 * The documents of a file, read as kustomize reads resources (go-yaml v3, then JSON), empty ones left out. In every map
 * `__proto__` and `constructor` are keys like any other. Aliases are written out, `<<` is merged, points in time are text.
 * Throws `Failure` (YamlInvalid, InputTooLarge) that names file, line and column, with one problem per document, twenty
 * at the most. With `duplicateKeys` the first of several members of one name stands, and the map is marked; see `reread`.
 * Sources: kyaml kio/byteio_reader.go and yaml/rnode.go, go.yaml.in/yaml/v3.
 */
export function parseDocuments(
  input: Uint8Array | string,
  file: string,
  { duplicateKeys = false }: { readonly duplicateKeys?: boolean } = {},
): readonly YamlDocument[] {
  const reading: Reading = { file, dialect: "v3", duplicateKeys };
  const documents: YamlDocument[] = [];
  const problems: Problem[] = [];
  for (const piece of splitDocuments(decodeText(input, file), file)) {
    if (problems.length >= maxProblems) break;
    try {
      const content = readPiece(piece, reading);
      if (content.value !== null) documents.push(documentOf(piece, content, reading));
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
 * undefined where it is empty. The last of several members of one name stands, unless `duplicateKeys` is false.
 * Throws `Failure` (YamlInvalid, InputTooLarge) that names file, line and column.
 */
export function parseSettings(
  input: Uint8Array | string,
  file: string,
  { duplicateKeys = true }: { readonly duplicateKeys?: boolean } = {},
): YamlDocument | undefined {
  const reading: Reading = { file, dialect: "v2", duplicateKeys };
  const piece = wholeText(decodeText(input, file));
  const content = readPiece(piece, reading);
  return content.value === null ? undefined : documentOf(piece, content, reading);
}

function documentOf(piece: Piece, content: Content, reading: Reading): YamlDocument {
  let noted: Noted | undefined;
  return {
    ...content,
    locate: (path) => {
      noted ??= readNoting(piece, reading);
      return positionIn(piece, find(noted, path));
    },
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

/** Where the member at a path begins, or its nearest ancestor that was read. */
function find(noted: Noted, path: readonly (string | number)[]): number {
  let value: YamlValue | undefined = noted.value;
  let found = 0;
  for (const step of path) {
    const at: number | undefined = isCollection(value) ? noted.places.get(value)?.get(step) : undefined;
    if (at === undefined) return found;
    found = at;
    value = memberOf(value, step);
  }
  return found;
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
