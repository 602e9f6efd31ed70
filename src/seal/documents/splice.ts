import { type Document, isScalar, parseAllDocuments, type Scalar } from "yaml";
import { canonicalJson, isObject, type Json, type JsonObject } from "../../model/json/json.ts";
import type { Edit } from "./edit.ts";
import { editYamlMap } from "./yaml-map-edit.ts";
import { notEditable, plainOrQuoted, quoted } from "./yaml-text.ts";

/**
 * Changes one document of a YAML or JSON text and leaves every other byte as it is: comments, order, quotes, indentation
 * and line ends. The result is read again and must say exactly what was wanted. Throws `Failure` (SealInvalid) where the
 * file is written in a way that cannot be changed so.
 */
export function splice(text: string, documentIndex: number, edits: readonly Edit[]): string {
  const expected = edits.reduce(applied, plainOf(text, documentIndex));
  const replaced = replaceAll(text, documentIndex, edits);
  const result = replaced.left.reduce(
    (current, edit) => editYamlMap(current, documentAt(current, documentIndex), edit),
    replaced.text,
  );
  if (canonicalJson(plainOf(result, documentIndex)) !== canonicalJson(expected)) throw notEditable();
  return result;
}

/** The scalars that only change their value are replaced in one pass, from the end; the rest of the edits is left. */
function replaceAll(text: string, documentIndex: number, edits: readonly Edit[]) {
  const document = documentAt(text, documentIndex);
  const left: Edit[] = [];
  const pieces: (readonly [start: number, end: number, value: string])[] = [];
  for (const edit of edits) {
    const node = edit.type === "set" ? document.getIn(edit.path, true) : undefined;
    if (edit.type !== "set" || !isScalar(node) || !node.range) left.push(edit);
    else if (node.value !== edit.value) pieces.push([node.range[0], node.range[1], rewritten(text, node, edit.value)]);
  }
  pieces.sort(([a], [b]) => b - a);
  return {
    text: pieces.reduce((all, [start, end, value]) => all.slice(0, start) + value + all.slice(end), text),
    left,
  };
}

/** What the document says after an edit, for comparison. */
function applied(value: JsonObject, edit: Edit): JsonObject {
  return changed(value, edit.path, (map, key) => {
    const { [key]: old, ...rest } = map;
    if (edit.type === "set") return { ...map, [key]: edit.value };
    return edit.type === "remove" || old === undefined ? rest : { ...rest, [edit.name]: old };
  });
}

function changed(
  value: JsonObject,
  [key = "", ...rest]: readonly string[],
  change: (map: JsonObject, key: string) => JsonObject,
): JsonObject {
  if (rest.length === 0) return change(value, key);
  const inner: Json | undefined = value[key];
  return { ...value, [key]: changed(isObject(inner) ? inner : {}, rest, change) };
}

function plainOf(text: string, documentIndex: number): JsonObject {
  const document = documentAt(text, documentIndex);
  try {
    const value: unknown = document.toJS();
    if (isObject(value)) return value;
  } catch {
    // Aliases that lead nowhere, or to far too much.
  }
  throw notEditable();
}

/** The new value in the quotes of the old one; a block scalar becomes a plain line. */
function rewritten(text: string, node: Scalar, value: string): string {
  if (node.type === "QUOTE_DOUBLE") return JSON.stringify(value);
  if (node.type === "QUOTE_SINGLE") return quoted(value, false);
  const block = node.type === "BLOCK_FOLDED" || node.type === "BLOCK_LITERAL";
  const lineEnd = block && text.slice(0, node.range?.[1]).endsWith("\n") ? "\n" : "";
  return plainOrQuoted(value) + lineEnd;
}

function documentAt(text: string, index: number): Document {
  const documents = parseAllDocuments(text, { merge: true });
  const document = "empty" in documents ? undefined : documents[index];
  if (document === undefined || document.errors.length > 0) throw notEditable();
  return document;
}
