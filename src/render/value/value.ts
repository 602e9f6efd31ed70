import {
  copyEmptyValues,
  copyStyles,
  isEmptyValue,
  isTextKey,
  newMap,
  noteUntypedKey,
  spellingOf,
} from "../yaml/index.ts";

/**
 * The values that objects are made of while they are rendered: plain data that transformations change in place.
 * Maps have no prototype, so that keys such as `__proto__` or `constructor` are keys like any other.
 */
export type Value = null | boolean | number | bigint | string | Value[] | ValueMap;

/** A map of values. Made by `newMap` of `yaml/`, never by a literal. */
export interface ValueMap {
  [key: string]: Value;
}

export { newMap };

/** Tells whether a value is a map. */
export function isMap(value: unknown): value is ValueMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tells whether a value is a list. */
export function isList(value: Value | undefined): value is Value[] {
  return Array.isArray(value);
}

/** Tells whether a value is a scalar other than null. */
export function isScalar(value: Value | undefined): value is boolean | number | bigint | string {
  return value !== undefined && value !== null && typeof value !== "object";
}

/** Tells whether there is nothing at all: absent, null, or an empty map or list. */
export function isEmpty(value: Value | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (isList(value)) return value.length === 0;
  return isMap(value) && hasNoKeys(value);
}

/** Tells whether a map has no keys, without listing them. */
export function hasNoKeys(map: ValueMap): boolean {
  for (const _ in map) return false;
  return true;
}

/** The text of a scalar as YAML would write it plainly; empty for null and for what is not a scalar. */
export function textOf(value: Value | undefined): string {
  return isScalar(value) ? String(value) : "";
}

/** The text of a member of a map or a list as it was written; empty for null and for what is not a scalar. */
export function writtenText(parent: ValueMap | Value[], key: string | number): string {
  const value = isList(parent) ? parent[Number(key)] : parent[key];
  return isScalar(value) ? (spellingOf(parent, key) ?? textOf(value)) : "";
}

/** The text of a member as it was written, null included: `null`, `~`, or nothing; empty for what is not a scalar. */
export function nodeText(parent: ValueMap | Value[], key: string | number): string {
  if ((isList(parent) ? parent[Number(key)] : parent[key]) !== null) return writtenText(parent, key);
  return !isList(parent) && isEmptyValue(parent, String(key)) ? "" : (spellingOf(parent, key) ?? "null");
}

/**
 * Sets a member as kustomize does: where the key is new it is written without quotes, and is what it looks like when the
 * object is read again; see `reread`.
 */
export function putMember(map: ValueMap, key: string, value: Value): void {
  if (!(key in map) && !isTextKey(key)) noteUntypedKey(map, key);
  map[key] = value;
}

/** A copy that shares nothing with the original. */
export function cloneValue(value: Value): Value {
  if (!isList(value)) return isMap(value) ? cloneMap(value) : value;
  const copy = value.map(cloneValue);
  copyStyles(copy, value);
  return copy;
}

/** A copy of a map that shares nothing with the original. */
export function cloneMap(map: ValueMap): ValueMap {
  const copy = newMap();
  for (const key in map) copy[key] = cloneValue(map[key] ?? null);
  copyStyles(copy, map);
  copyEmptyValues(copy, map);
  return copy;
}

/** A copy of a map that knows no more how its scalars were written, as if they had been read from JSON. */
export function asWrittenAnew(map: ValueMap): ValueMap {
  const copy = newMap();
  for (const key in map) copy[key] = unwritten(map[key] ?? null);
  return copy;
}

function unwritten(value: Value): Value {
  if (isList(value)) return value.map(unwritten);
  return isMap(value) ? asWrittenAnew(value) : value;
}

/** A map of the entries. */
export function mapOf(entries: Iterable<readonly [string, Value]>): ValueMap {
  const map = newMap();
  for (const [key, value] of entries) map[key] = value;
  return map;
}

/** The map at a path of keys, or undefined where a step is missing or not a map. */
export function mapAt(value: Value | undefined, ...path: readonly string[]): ValueMap | undefined {
  let current: Value | undefined = value;
  for (const key of path) {
    if (!isMap(current)) return undefined;
    current = current[key];
  }
  return isMap(current) ? current : undefined;
}

/** What a value is, for messages: never the value itself, which may be a secret. */
export function nodeKind(value: Value): string {
  if (value === null) return "null";
  if (isList(value)) return "a list";
  return isMap(value) ? "a map" : `a ${typeof value === "bigint" ? "number" : typeof value}`;
}
