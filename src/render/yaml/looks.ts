import type { Cursor } from "./cursor.ts";
import type { YamlMap, YamlValue } from "./value.ts";

/*
 * How scalars were written, as far as it shows in what kustomize prints. It works on the nodes of the text: `1.10` is
 * copied as the tag 1.10 and not 1.1, and a number that is patched over a text in quotes stays in those quotes. Both are
 * kept beside the values, by the map or list that holds them.
 */
const looks: unique symbol = Symbol("looks");

interface Looks {
  /** The texts of scalars that read otherwise than they look: `1.10`, `0x10`, `True`, `2001-01-01`. */
  readonly spellings: Map<string, { readonly value: YamlValue; readonly text: string }>;
  /** The members that stand in quotes or in a block; that outlives their value. */
  readonly quoted: Set<string>;
  /** The texts that kustomize has put in without saying that they are texts: what replaces them is what it looks like. */
  readonly untyped: Set<string>;
}

type Parent = YamlMap | YamlValue[];
type WithLooks = Parent & { [looks]?: Looks };

/** Whether there is nothing to note about the scalar, map or list that was read last. */
export const looksPlain = (cursor: Cursor, value: YamlValue): boolean =>
  cursor.written === undefined ||
  (typeof value === "string" ? !cursor.quoted && value === cursor.written : !isOddlySpelled(value, cursor.written));

/** Notes how the scalar was written that was read last, and is now a member of a map or a list. */
export function noteLook(cursor: Cursor, parent: WithLooks, key: string | number): void {
  const { written, dialect } = cursor;
  const value = valueAt(parent, key);
  if (written === undefined || dialect === "v2") return;
  if (cursor.quoted && typeof value === "string") looksOf(parent).quoted.add(String(key));
  if (isOddlySpelled(value, written)) looksOf(parent).spellings.set(String(key), { value, text: written });
}

/** Whether the text of a scalar differs from what its value would be written as. Of texts, only points in time do. */
function isOddlySpelled(value: YamlValue, written: string): boolean {
  if (written === "" || (typeof value === "object" && value !== null)) return false;
  if (typeof value !== "string") return String(value) !== written;
  return value !== written && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value);
}

/** How a member was written, where that differs from its value and the value is still the one that was read. */
export function spellingOf(parent: WithLooks, key: string | number): string | undefined {
  const found = parent[looks]?.spellings.get(String(key));
  return found !== undefined && found.value === valueAt(parent, key) ? found.text : undefined;
}

/** Whether a member was written in quotes or in a block. */
export const isQuoted = (parent: WithLooks, key: string | number): boolean =>
  parent[looks]?.quoted.has(String(key)) === true;

/** Notes that a member stands in quotes, as kustomize writes it. */
export function noteQuoted(parent: WithLooks, key: string | number): void {
  looksOf(parent).quoted.add(String(key));
}

/** Whether a member is a text only because it looks like one. */
export const isUntyped = (parent: WithLooks, key: string | number): boolean =>
  parent[looks]?.untyped.has(String(key)) === true;

/** Notes that a member is a text only because it looks like one. */
export function noteUntyped(parent: WithLooks, key: string | number): void {
  looksOf(parent).untyped.add(String(key));
}

/** Gives a member the spelling that it has in another map and, where it is new, its quotes. */
export function inheritLook(to: WithLooks, key: string, from: WithLooks, isNew: boolean): void {
  const spelling = from[looks]?.spellings.get(key);
  if (spelling !== undefined) looksOf(to).spellings.set(key, spelling);
  else to[looks]?.spellings.delete(key);
  if (!isNew) return;
  if (isQuoted(from, key)) noteQuoted(to, key);
  else to[looks]?.quoted.delete(key);
}

/** Gives a copy of a map or a list the looks of the original. */
export function copyLooks(to: WithLooks, from: WithLooks): void {
  const known = from[looks];
  if (known === undefined) return;
  const { spellings, quoted, untyped } = known;
  setLooks(to, { spellings: new Map(spellings), quoted: new Set(quoted), untyped: new Set(untyped) });
}

function looksOf(parent: WithLooks): Looks {
  return parent[looks] ?? setLooks(parent, { spellings: new Map(), quoted: new Set(), untyped: new Set() });
}

/** Beside the data, for whoever goes through it. */
function setLooks(parent: WithLooks, value: Looks): Looks {
  Object.defineProperty(parent, looks, { value, enumerable: false });
  return value;
}

function valueAt(parent: Parent, key: string | number): YamlValue {
  return (Array.isArray(parent) ? parent[Number(key)] : parent[key]) ?? null;
}
