import { cloneValue, isList, isMap, nodeKind, type Value, type ValueMap } from "../value/value.ts";
import { MergeConflict } from "./merge-conflict.ts";

/** One operation of a JSON patch (RFC 6902). */
export interface JsonOperation {
  readonly op: "add" | "remove" | "replace" | "move" | "copy" | "test";
  readonly path: string;
  readonly from?: string;
  readonly value?: Value;
}

/**
 * Applies a JSON patch to an object, in place; where an operation fails, what came before it is done. Indices may be
 * negative, counting from the end; a member that is missing can be replaced, and be copied as null. Throws `MergeConflict` where a path leads nowhere or a test fails.
 * `onCopy` is told what is about to be copied.
 * Source: gopkg.in/evanphx/json-patch.v4, which departs from RFC 6902 in these ways.
 */
export function applyJsonPatch(
  target: ValueMap,
  operations: readonly JsonOperation[],
  onCopy: (value: Value) => void = () => undefined,
): void {
  for (const operation of operations) {
    if (operation.op === "copy") onCopy(read(target, operation.from ?? ""));
    apply(target, operation);
  }
}

function apply(target: ValueMap, { op, path, from = "", value }: JsonOperation): void {
  switch (op) {
    case "add":
      add(target, path, cloneValue(value ?? null));
      return;
    case "remove":
      remove(target, path);
      return;
    case "replace":
      replace(target, path, cloneValue(value ?? null));
      return;
    case "move":
      add(target, path, remove(target, from));
      return;
    case "copy":
      add(target, path, cloneValue(read(target, from)));
      return;
    case "test":
      if (!sameValue(readOrNull(target, path), value ?? null))
        throw new MergeConflict(`testing value ${path} failed`, [path]);
      return;
    default:
      throw new MergeConflict(`unexpected kind of operation: ${op satisfies never}`, [path]);
  }
}

interface Place {
  readonly parent: ValueMap | Value[];
  readonly key: string;
}

function locate(target: ValueMap, path: string): Place {
  if (!path.includes("/")) throw new MergeConflict("doc is missing path: a path begins with a slash", [path]);
  const tokens = path.split("/").map(unescapeToken);
  const key = tokens.pop() ?? "";
  let parent: Value = target;
  for (const token of tokens.slice(1)) parent = step(parent, token, path);
  if (isMap(parent) || isList(parent)) return { parent, key };
  throw new MergeConflict(`doc is missing path: ${path}: found ${nodeKind(parent)} on the way`, [path]);
}

const unescapeToken = (token: string) => token.replaceAll("~1", "/").replaceAll("~0", "~");

function step(parent: Value, token: string, path: string): Value {
  const found = isMap(parent) ? parent[token] : isList(parent) ? parent[position(parent, token, path)] : undefined;
  if (found !== undefined && found !== null) return found;
  throw new MergeConflict(`doc is missing path: ${path}: there is no '${token}'`, [path]);
}

function position(list: readonly Value[], token: string, path: string, end = 0): number {
  const index = /^[-+]?\d+$/.test(token) ? Number(token) : Number.NaN;
  const length = list.length + end;
  if (Number.isNaN(index)) throw new MergeConflict(`'${token}' is not an index of a list: ${path}`, [path]);
  if (index >= length || index < -length) {
    throw new MergeConflict(`Unable to access invalid index: ${index}: ${path}: the list has ${list.length}`, [path]);
  }
  return index < 0 ? index + length : index;
}

function add(target: ValueMap, path: string, value: Value): void {
  const { parent, key } = locate(target, path);
  if (isMap(parent)) parent[key] = value;
  else if (key === "-") parent.push(value);
  else parent.splice(position(parent, key, path, 1), 0, value);
}

function remove(target: ValueMap, path: string): Value {
  const { parent, key } = locate(target, path);
  if (isList(parent)) return parent.splice(position(parent, key, path), 1)[0] ?? null;
  const found = parent[key];
  if (found === undefined) {
    throw new MergeConflict(`Unable to remove nonexistent key: ${key}: ${path}: missing value`, [path]);
  }
  delete parent[key];
  return found;
}

function replace(target: ValueMap, path: string, value: Value): void {
  const { parent, key } = locate(target, path);
  if (isList(parent)) {
    parent[position(parent, key, path)] = value;
    return;
  }
  parent[key] = value;
}

function read(target: ValueMap, path: string): Value {
  const { parent, key } = locate(target, path);
  const found = isList(parent) ? parent[position(parent, key, path)] : parent[key];
  return found ?? null;
}

function readOrNull(target: ValueMap, path: string): Value {
  const { parent, key } = locate(target, path);
  return (isList(parent) ? parent[position(parent, key, path)] : parent[key]) ?? null;
}

/** Tells whether two values are the same, whatever the order of keys. */
export function sameValue(a: Value, b: Value): boolean {
  if (isList(a)) {
    return isList(b) && a.length === b.length && a.every((element, index) => sameValue(element, b[index] ?? null));
  }
  if (isMap(a)) {
    if (!isMap(b)) return false;
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => key in b && sameValue(a[key] ?? null, b[key] ?? null))
    );
  }
  return a === b;
}
