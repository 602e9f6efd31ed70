import { Failure } from "../../model/failure.ts";
import { type FileContext, formatPath } from "../kustomization/read.ts";
import { readPatches } from "../load/read-resources.ts";
import type { JsonOperation } from "../merge/json-patch.ts";
import type { Resource } from "../resource.ts";
import { isList, isMap, nodeKind, textOf, type Value } from "../value.ts";
import { parseDocuments, type YamlDocument } from "../yaml/index.ts";

/** A patch as it was written: objects to merge in, or operations to run. */
export type Patch =
  | { readonly kind: "strategic"; readonly patches: readonly Resource[] }
  | { readonly kind: "json"; readonly operations: readonly JsonOperation[] };

/**
 * Reads a patch of either kind: a list is a JSON patch, anything else objects to merge in.
 * Throws `Failure` (YamlInvalid, RenderFailed, KustomizationInvalid).
 */
export function readPatch(content: Uint8Array | string, context: FileContext): Patch {
  const [first] = readDocuments(content, context);
  if (first !== undefined && isList(first.value)) {
    return { kind: "json", operations: toOperations(first.value, context) };
  }
  return { kind: "strategic", patches: readPatches(content, context) };
}

/** Reads a JSON patch. Throws `Failure` (YamlInvalid, KustomizationInvalid) where it is not one. */
export function readJsonPatch(content: Uint8Array | string, context: FileContext): readonly JsonOperation[] {
  const [first] = readDocuments(content, context);
  if (first === undefined) throw invalid(context, [], "patch appears to be empty");
  if (!isList(first.value))
    throw invalid(context, [], `a JSON patch is a list of operations, found ${nodeKind(first.value)}`);
  return toOperations(first.value, context);
}

/** What begins with a bracket is JSON to kustomize, and has to be. */
function readDocuments(content: Uint8Array | string, context: FileContext): readonly YamlDocument[] {
  const documents = parseDocuments(content, context.file);
  const text = typeof content === "string" ? content : new TextDecoder().decode(content);
  if (!text.startsWith("[")) return documents;
  try {
    JSON.parse(text);
    return documents;
  } catch {
    const message = "unable to parse SM or JSON patch: a patch that begins with [ is read as JSON, and is none";
    const hint = "put names and texts in quotes, or write it as a YAML list with dashes";
    throw new Failure("KustomizationInvalid", { message, hint, ...context });
  }
}

const kinds = new Set(["add", "remove", "replace", "move", "copy", "test"]);
const isKind = (op: string): op is JsonOperation["op"] => kinds.has(op);

function toOperations(list: readonly Value[], context: FileContext): JsonOperation[] {
  return list.map((item, index) => {
    if (!isMap(item)) throw invalid(context, [index], `expected an operation, found ${nodeKind(item)}`);
    const op = textOf(item.op);
    if (!isKind(op)) throw invalid(context, [index, "op"], `unexpected kind of operation: '${op}'`);
    if (typeof item.path !== "string") throw invalid(context, [index, "path"], "an operation needs a path");
    const from = item.from;
    const { path, value } = item;
    return { op, path, ...(typeof from === "string" && { from }), ...(value !== undefined && { value }) };
  });
}

function invalid(context: FileContext, path: readonly (string | number)[], message: string): Failure {
  return new Failure("KustomizationInvalid", { message, field: formatPath(path), ...context });
}
