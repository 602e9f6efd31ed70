import { Failure } from "../../../model/failure.ts";
import { type FileContext, formatPath } from "../../kustomization/read.ts";
import { readResources } from "../../load/read-resources.ts";
import type { JsonOperation } from "../../merge/json-patch.ts";
import type { Resource } from "../../resource/resource.ts";
import { isList, isMap, mapOf, nodeKind, textOf, type Value } from "../../value/value.ts";
import { parseSettings } from "../../yaml/index.ts";

/** A patch as it was written: objects to merge in, or operations to run. */
export type Patch =
  | { readonly kind: "strategic"; readonly patches: readonly Resource[] }
  | { readonly kind: "json"; readonly operations: readonly JsonOperation[] };

/**
 * Reads a patch of either kind: a list is a JSON patch, anything else objects to merge in.
 * Throws `Failure` (YamlInvalid, RenderFailed, KustomizationInvalid).
 */
export function readPatch(content: Uint8Array | string, context: FileContext): Patch {
  const list = readList(content, context);
  if (list !== undefined) return { kind: "json", operations: toOperations(list, context) };
  return { kind: "strategic", patches: readResources(content, context) };
}

/** Reads a JSON patch. Throws `Failure` (YamlInvalid, KustomizationInvalid) where it is not one. */
export function readJsonPatch(content: Uint8Array | string, context: FileContext): readonly JsonOperation[] {
  const value: Value | undefined = isJson(content)
    ? readJson(content, context)
    : parseSettings(content, context.file)?.value;
  if (value === undefined) throw invalid(context, [], "patch appears to be empty");
  if (!isList(value)) throw invalid(context, [], `a JSON patch is a list of operations, found ${nodeKind(value)}`);
  return toOperations(value, context);
}

/** The operations of a JSON patch, which is read as YAML 1.1; undefined for a patch that is none. */
function readList(content: Uint8Array | string, context: FileContext): Value[] | undefined {
  if (isJson(content)) return readJson(content, context);
  try {
    const value = parseSettings(content, context.file)?.value;
    return value !== undefined && isList(value) ? value : undefined;
  } catch (thrown) {
    // Read as objects, it may make sense yet; if not, that failure is the one to tell.
    if (thrown instanceof Failure && thrown.code === "YamlInvalid") return undefined;
    throw thrown;
  }
}

const textOfContent = (content: Uint8Array | string) =>
  typeof content === "string" ? content : new TextDecoder().decode(content);

/** What begins with a bracket is JSON to kustomize, and has to be. */
const isJson = (content: Uint8Array | string): boolean => textOfContent(content).startsWith("[");

function readJson(content: Uint8Array | string, context: FileContext): Value[] {
  try {
    const parsed: unknown = JSON.parse(textOfContent(content));
    const value = valueOfJson(parsed);
    return isList(value) ? value : [];
  } catch {
    const message =
      "unable to parse SM or JSON patch: a patch that begins with [ is read as JSON, and is not valid JSON";
    const hint = "put names and texts in quotes, or write it as a YAML list with dashes";
    throw new Failure("KustomizationInvalid", { message, hint, ...context });
  }
}

/** A value that was read as JSON, its maps without a prototype. */
function valueOfJson(json: unknown): Value {
  if (Array.isArray(json)) return json.map(valueOfJson);
  if (typeof json === "object" && json !== null) {
    return mapOf(Object.entries(json).map(([key, member]) => [key, valueOfJson(member)]));
  }
  return typeof json === "string" || typeof json === "number" || typeof json === "boolean" ? json : null;
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
