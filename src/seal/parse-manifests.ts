import { type Document, isNode, LineCounter, parseAllDocuments } from "yaml";
import { Failure, type Problem } from "../model/failure.ts";
import { isObject, listAt, stringAt } from "../model/json/json.ts";
import type { KubeObject } from "../model/manifest.ts";

/** An object of a file, and where in it. */
export interface PlacedObject {
  readonly object: KubeObject;
  /** From 1. */
  readonly line: number;
}

/**
 * The objects of a text in YAML or JSON: several documents, JSON objects one after another as kubeseal prints them, and
 * the members of lists. Throws `Failure` (YamlInvalid, with file and line; SealInvalid for what is no object).
 */
export function parseManifests(text: string, file: string): readonly PlacedObject[] {
  const lines = new LineCounter();
  const source = separated(text);
  const documents = parseAllDocuments(source, { merge: true, lineCounter: lines });
  if ("empty" in documents) return [];
  const problems = documents.flatMap((document) => unreadable(document, lines, file));
  if (problems.length > 0) throw new Failure("YamlInvalid", problems);
  return documents.flatMap((document) => {
    const { contents } = document;
    const line = isNode(contents) ? lines.linePos(contents.range?.[0] ?? 0).line : 1;
    return membersOf(plainOf(document, file), file, line).map((object) => ({ object, line }));
  });
}

/** What keeps a document from being read, with file, line and column. */
export function unreadable({ errors }: Document, lines: LineCounter, file: string): readonly Problem[] {
  return errors.map((error) => {
    const { line, col } = lines.linePos(error.pos[0]);
    // The library's own message quotes the line, which may hold a plain value.
    const message = `is not valid YAML: ${error.code.toLowerCase().replaceAll("_", " ")}`;
    return { file, line, column: col, message };
  });
}

/** The plain value; aliases that multiply beyond measure are refused. Throws `Failure` (YamlInvalid). */
export function plainOf(document: Document, file: string): unknown {
  try {
    return document.toJS();
  } catch (cause) {
    throw new Failure(
      "YamlInvalid",
      { file, message: "has aliases that are undefined or expand to too much" },
      { cause },
    );
  }
}

function membersOf(value: unknown, file: string, line: number): readonly KubeObject[] {
  if (value === null || value === undefined) return [];
  if (isObject(value) && stringAt(value, "kind")?.endsWith("List") === true && Array.isArray(value.items)) {
    return listAt(value, "items").flatMap((item) => membersOf(item, file, line));
  }
  if (isKubeObject(value)) return [value];
  throw new Failure("SealInvalid", {
    file,
    line,
    message: "is not a Kubernetes object: apiVersion, kind or metadata is missing",
  });
}

/** A name may be missing here: `--name` can give it. */
function isKubeObject(value: unknown): value is KubeObject {
  return (
    isObject(value) &&
    typeof value.apiVersion === "string" &&
    typeof value.kind === "string" &&
    isObject(value.metadata)
  );
}

/** JSON objects that follow each other, as separate documents. Lines are then counted with the separators. */
function separated(text: string): string {
  if (!text.trimStart().startsWith("{")) return text;
  const pieces: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token === "{") depth++;
    if (token !== "}" || --depth > 0) continue;
    pieces.push(text.slice(start, index + 1));
    start = index + 1;
  }
  return [...pieces, text.slice(start)]
    .filter((piece) => piece.trim() !== "")
    .map((piece) => piece.replace(/^\n/, ""))
    .join("\n---\n");
}
