import type { SchemaNode } from "../schema/index.ts";
import {
  hasNoKeys,
  isEmpty,
  isList,
  isMap,
  isScalar,
  nodeKind,
  type Value,
  type ValueMap,
  writtenText,
} from "../value/value.ts";
import { inFlow, inheritStyle, isEmptyValue, isQuoted, noteFlow, quoteWhereNoText } from "../yaml/index.ts";
import { keyTexts, mergeByKeys } from "./associative.ts";
import { listDirective, mapDirective } from "./directive.ts";
import { MergeConflict } from "./merge-conflict.ts";

/** Finds the schema of a kind; undefined for kinds nobody knows. */
export type SchemaFinder = (apiVersion: string, kind: string) => SchemaNode | undefined;

/** What walks down the two trees together. */
export interface Walk {
  readonly find: SchemaFinder;
  /** For messages: the fields that led here. */
  readonly path: readonly string[];
  readonly schema: SchemaNode | undefined;
}

/**
 * Merges a strategic-merge patch into an object, in place, as kustomize does (kyaml's merge2 and walk packages): maps
 * merge, lists merge by the schema's keys with what is new in front, everything else is replaced; null deletes;
 * `$patch` says delete, replace or merge. The patch is used up: its parts end up in the object.
 * Returns whether the object is still there. Throws `MergeConflict` where the two do not fit.
 */
export function mergeStrategic(target: ValueMap, patch: ValueMap, find: SchemaFinder): boolean {
  return walk(target, patch, { find, path: [], schema: undefined }) !== undefined;
}

/** Merges any two values: undefined where nothing remains, null only where a null is to stay written out. */
function walk(dest: Value | undefined, patch: Value | undefined, at: Walk): Value | undefined {
  const leading = dest ?? patch;
  const here = { ...at, schema: at.schema ?? embeddedSchema(dest, patch, at.find) };
  if (leading === undefined || leading === null || isMap(leading)) {
    return walkMap(expect(isMap, dest, at), expect(isMap, patch, at), here);
  }
  if (!isList(leading)) {
    expect(isScalar, dest, at);
    expect(isScalar, patch, at);
    return patch === undefined ? dest : (patch ?? undefined);
  }
  const list = expect(isList, dest, at);
  const changes = expect(isList, patch, at);
  if (here.schema?.patchStrategies.includes("merge")) return walkAssociative(list, changes, here);
  return changes === undefined ? list : (changes ?? undefined);
}

function expect<T extends Value>(
  is: (value: Value | undefined) => value is T,
  value: Value | undefined,
  at: Walk,
): T | null | undefined {
  if (value === undefined || value === null || is(value)) return value;
  throw new MergeConflict(`wrong node kind: the patch and the object differ, one has ${nodeKind(value)}`, at.path);
}

/** Where the schema says nothing of a field, an object written in it may still tell its own kind. */
function embeddedSchema(dest: Value | undefined, patch: Value | undefined, find: SchemaFinder): SchemaNode | undefined {
  for (const value of [dest, patch]) {
    if (!isMap(value)) continue;
    const { apiVersion, kind } = value;
    if (typeof apiVersion === "string" && typeof kind === "string") {
      const found = find(apiVersion, kind);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function walkMap(
  dest: ValueMap | null | undefined,
  patch: ValueMap | null | undefined,
  at: Walk,
): ValueMap | null | undefined {
  const directive = isMap(patch) ? mapDirective(patch, at.path) : "merge";
  if (directive === "delete") return undefined;
  if (!isMap(dest)) {
    if (dest === null && patch === undefined) return null;
    return isMap(patch) ? walkFields(patch, patch, at) : undefined;
  }
  if (patch === null) return undefined;
  if (directive === "replace" && isMap(patch)) return walkFields(patch, patch, at);
  return walkFields(dest, patch, at);
}

function walkFields(dest: ValueMap, patch: ValueMap | undefined, at: Walk): ValueMap {
  if (patch !== undefined && hasNoKeys(dest)) noteFlow(dest, inFlow(patch));
  for (const key of fieldNames(dest, patch)) {
    const field = { find: at.find, path: [...at.path, key], schema: at.schema?.field(key) };
    // Nothing written behind a key is no value that merging keeps, whereas a null that is written is.
    const own = isEmptyValue(dest, key) && isEmptyScalar(dest[key]) ? undefined : dest[key];
    const merged = walk(own, patch === dest ? own : patch?.[key], field);
    if (merged === undefined) delete dest[key];
    else if (patch === undefined || patch === dest || !isScalar(patch[key])) {
      dest[key] = merged;
      quoteWhereNoText(dest, key);
    } else if (own === undefined || !isQuoted(dest, key)) {
      const isNew = dest[key] === undefined;
      dest[key] = merged;
      inheritStyle(dest, key, patch, isNew);
      if (isNew) quoteWhereNoText(dest, key);
    } else dest[key] = writtenText(patch, key);
  }
  return dest;
}

const isEmptyScalar = (value: Value | undefined): boolean => value === null || value === "";

function fieldNames(dest: ValueMap, patch: ValueMap | undefined): readonly string[] {
  const names = Object.keys(dest);
  if (patch !== undefined && patch !== dest) {
    for (const key in patch) if (!(key in dest)) names.push(key);
  }
  return names;
}

function walkAssociative(
  dest: Value[] | null | undefined,
  patch: Value[] | null | undefined,
  at: Walk,
): Value[] | undefined {
  if (!isList(dest)) return isList(patch) ? mergeElements(patch, patch, at) : undefined;
  if (patch === null) return undefined;
  if (patch === undefined) return mergeElements(dest, undefined, at);
  const { directive, rest } = listDirective(patch, at.path);
  if (directive === "delete") return undefined;
  return directive === "replace" ? mergeElements(rest, rest, at) : mergeElements(dest, rest, at);
}

/** Merges the elements of two lists by the schema's keys; lists of scalars by the scalars themselves. */
function mergeElements(dest: Value[], patch: Value[] | undefined, at: Walk): Value[] {
  const keys = at.schema?.mergeKeys ?? [];
  if (keys.length === 1) refuseNullKeys([dest, patch ?? []], keys[0] ?? "", at);
  const element: Walk = { find: at.find, path: at.path, schema: at.schema?.items() };
  const quick = keys.length === 1 ? mergeByUniqueKey(dest, patch, keys[0] ?? "", element) : undefined;
  if (quick !== undefined) return quick;
  return mergeByKeys(dest, patch, keys.length === 0 ? [""] : keys, (ours, theirs) => walk(ours, theirs, element));
}

/** kustomize takes all other items out of a list where the key of one is null. */
function refuseNullKeys(lists: readonly (readonly Value[])[], key: string, at: Walk): void {
  for (const item of lists.flat()) {
    if (!isMap(item) || item[key] !== null || isEmptyValue(item, key)) continue;
    throw new MergeConflict(`an item has a null ${key}, which identifies the items of this list`, at.path);
  }
}

/**
 * What `mergeByKeys` comes to where every element has a key of its own, in linear time; undefined where that is not so.
 */
function mergeByUniqueKey(
  dest: readonly Value[],
  patch: readonly Value[] | undefined,
  key: string,
  at: Walk,
): Value[] | undefined {
  const ours = byKey(dest, key);
  const theirs = patch === undefined ? new Map<string, ValueMap>() : byKey(patch, key);
  if (ours === undefined || theirs === undefined) return undefined;
  const merged: Value[] = [];
  const keep = (own: ValueMap | undefined, other: ValueMap | undefined) => {
    const value = walk(own, other, at);
    if (!isEmpty(value) && value !== undefined) merged.push(own ?? value);
  };
  for (const [text, element] of theirs) keep(ours.get(text), element);
  for (const [text, element] of ours) if (!theirs.has(text)) keep(element, undefined);
  return merged;
}

function byKey(list: readonly Value[], key: string): Map<string, ValueMap> | undefined {
  const found = new Map<string, ValueMap>();
  for (const element of list) {
    const text = keyTexts(element, [key])[0] ?? "";
    if (!isMap(element) || hasNoKeys(element) || text === "" || found.has(text)) return undefined;
    found.set(text, element);
  }
  return found;
}
