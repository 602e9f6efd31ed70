import { isObject, type Json, ownMember } from "../../model/json/json.ts";
import type { FieldChange } from "../../model/plan.ts";

/**
 * The fields in which two values differ, as JSON pointers (RFC 6901), deepest first difference each. Lists whose items
 * all have a unique `name` are compared by name, others by position. An index counts in the list before the change, or
 * after it for an item that comes. Where items that stay change places, the list itself is a change, shown by names.
 */
export function diff(from: Json | undefined, to: Json | undefined, path = ""): readonly FieldChange[] {
  if (from === to) return [];
  if (isObject(from) && isObject(to)) {
    const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
    return keys.flatMap((key) => diff(ownMember(from, key), ownMember(to, key), `${path}/${escapeToken(key)}`));
  }
  if (Array.isArray(from) && Array.isArray(to)) return diffLists(from, to, path);
  return [{ path, from, to }];
}

function diffLists(from: readonly Json[], to: readonly Json[], path: string): readonly FieldChange[] {
  const before = namesOf(from);
  const after = namesOf(to);
  if (before === undefined || after === undefined) {
    const length = Math.max(from.length, to.length);
    return Array.from({ length }, (_, index) => diff(from[index], to[index], `${path}/${index}`)).flat();
  }
  // Untrusted lists may be long: each name is looked up in a map, not searched for.
  const place = new Map(after.map((name, index) => [name, to[index]]));
  const known = new Set(before);
  const found = before.flatMap((name, index) => diff(from[index], place.get(name), `${path}/${index}`));
  const come = after.flatMap((name, index) => (known.has(name) ? [] : diff(undefined, to[index], `${path}/${index}`)));
  return [...moved(before, after, path), ...found, ...come];
}

/** The order of containers and variables means something: an init container runs after the one before it. */
function moved(before: readonly string[], after: readonly string[], path: string): readonly FieldChange[] {
  const [old, fresh] = [new Set(before), new Set(after)];
  const from = before.filter((name) => fresh.has(name));
  const to = after.filter((name) => old.has(name));
  return from.every((name, index) => name === to[index]) ? [] : [{ path, from, to }];
}

function namesOf(list: readonly Json[]): readonly string[] | undefined {
  const names = list.map((item) => (isObject(item) && typeof item.name === "string" ? item.name : undefined));
  const known = names.filter((name) => name !== undefined);
  return known.length === list.length && new Set(known).size === list.length ? known : undefined;
}

/** A key as a token of a JSON pointer. */
export function escapeToken(key: string): string {
  return key.replaceAll("~", "~0").replaceAll("/", "~1");
}

/** The tokens of a JSON pointer, unescaped. */
export function pointerTokens(pointer: string): readonly string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}
