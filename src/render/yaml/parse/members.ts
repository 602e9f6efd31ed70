import { Failure, type Problem } from "../../../model/failure.ts";
import { newMap } from "../new-map.ts";
import { resolvePlain, type Scalar } from "../resolve/resolve.ts";
import { type Cursor, invalid, placeOf } from "../scan/cursor.ts";
import { noteDuplicate } from "../style/duplicates.ts";
import { noteEmptyValue } from "../style/empty-values.ts";
import { hasNoStyle, noteStyle } from "../style/scalar-style.ts";
import type { YamlMap, YamlValue } from "../value.ts";
import { spend } from "./anchors.ts";

/** The key `<<` without quotes: its value is merged into the map around it. */
export const mergeKey: unique symbol = Symbol("merge key");

/** What a key comes to: a name, or the merge key. */
export type Key = string | typeof mergeKey;

const stringTag = "tag:yaml.org,2002:str";
const mergeTag = "tag:yaml.org,2002:merge";

/**
 * The name a scalar gives to a member. JSON has only strings for keys: what reads as something else is an error in
 * resources (at the top of a document it is taken as its text), and is written out in settings, as kustomize has it.
 */
export function keyOf(cursor: Cursor, scalar: Scalar): Key {
  const { text, plain, tag, at } = scalar;
  if (plain && text === "<<" && (tag === undefined || tag === "!" || tag === mergeTag)) return mergeKey;
  if (tag === stringTag || (tag === undefined && !plain)) return text;
  const value = resolvePlain(cursor, text, at);
  if (value === text && (tag === undefined || tag === "!")) return text;
  const top = cursor.depth === 1;
  if (value !== null && (cursor.dialect === "v2" || top)) return cursor.dialect === "v2" ? String(value) : text;
  throw notAString(cursor, at, text === "" ? "nothing" : text);
}

/** The failure for a key that is not a string. */
export const notAString = (cursor: Cursor, at: number, what: string): Error =>
  invalid(cursor, at, { message: `a key must be a string, not ${what}`, hint: "put the key in quotes" });

/** Thrown where a key is found twice while places are not being noted; whoever catches it reads again, noting them. */
export class DuplicateKey extends Error {}

/** The members of a map while they are being read. */
export interface Members {
  readonly map: YamlMap;
  /** What `<<` names, once it has been read. */
  merged: YamlValue | undefined;
}

/** Whether a member can be put into a map without more ado. */
export const isPlainMember = (cursor: Cursor, members: Members, key: Key, value: YamlValue): key is string =>
  key !== mergeKey && cursor.places === undefined && members.map[key] === undefined && hasNoStyle(cursor, value);

/** Puts a member into a map. In settings the last of several of one name stands, as kustomize has it. */
export function addMember(cursor: Cursor, members: Members, key: Key, member: { value: YamlValue; at: number }): void {
  const { map } = members;
  const { emptyValue } = cursor;
  cursor.emptyValue = false;
  if (cursor.dialect === "v2") {
    addSetting(cursor, map, key, member);
  } else if (key === mergeKey) {
    if (members.merged !== undefined) throw invalid(cursor, member.at, { message: "a second << in one map" });
    members.merged = member.value;
  } else if (map[key] !== undefined) {
    if (!cursor.duplicateKeys || cursor.places === undefined) throw refusal(cursor, map, key, member.at);
    const text = cursor.written ?? "";
    noteDuplicate(map, key, { text, problem: () => duplicate(cursor, map, key, member.at) });
  } else {
    map[key] = member.value;
    noteStyle(cursor, map, key);
    if (emptyValue && (member.value === null || member.value === "")) noteEmptyValue(map, key);
    notePlace(cursor, map, key, member.at);
  }
}

/** In settings the last of several members of one name counts, and `<<` is one of them. */
function addSetting(cursor: Cursor, map: YamlMap, key: Key, member: { value: YamlValue; at: number }): void {
  if (key === mergeKey) {
    for (const source of mergeSources(cursor, member.value, member.at).toReversed()) Object.assign(map, source);
  } else {
    if (map[key] !== undefined && !cursor.duplicateKeys) throw refusal(cursor, map, key, member.at);
    map[key] = member.value;
    notePlace(cursor, map, key, member.at);
  }
}

/** Notes where a member of a map or a list stands in the text, where that is asked for. */
function notePlace({ places }: Cursor, parent: YamlMap | YamlValue[], key: string | number, at: number): void {
  if (places === undefined) return;
  const known = places.get(parent);
  if (known === undefined) places.set(parent, new Map([[key, at]]));
  else known.set(key, at);
}

/** Adds an item to a list. */
export function addItem(
  cursor: Cursor,
  items: YamlValue[],
  item: { readonly value: YamlValue; readonly at: number },
): void {
  const index = items.push(item.value) - 1;
  if (!hasNoStyle(cursor, item.value)) noteStyle(cursor, items, index);
  notePlace(cursor, items, index, item.at);
}

/** A key that is there twice. The first reading notes no places, without which nothing can be said about it. */
const refusal = (cursor: Cursor, map: YamlMap, key: string, at: number): Error =>
  cursor.places === undefined ? new DuplicateKey() : new Failure("YamlInvalid", duplicate(cursor, map, key, at));

/** What is wrong; to find its line takes time in proportion to the text, so nobody may ask for each of many. */
function duplicate(cursor: Cursor, map: YamlMap, key: string, at: number): Problem {
  const first = placeOf(cursor, cursor.places?.get(map)?.get(key) ?? 0);
  const message = `the key "${key}" is already defined on line ${first.line}`;
  return { message, hint: "keep one of the two", ...placeOf(cursor, at) };
}

/**
 * The map with what `<<` names merged into it: its own members stand, then those of the first map named, and so on. A
 * quoted `<<` is dropped, as kustomize does. Source: kyaml yaml/rnode.go `deAnchor`, `mergeAll`.
 */
export function mergedMap(cursor: Cursor, members: Members, at: number): YamlMap {
  const { map, merged } = members;
  if (cursor.dialect === "v3" && map["<<"] !== undefined) delete map["<<"];
  if (merged === undefined) return map;
  const result = newMap();
  for (const source of mergeSources(cursor, merged, at).toReversed()) Object.assign(result, source);
  Object.assign(result, map);
  const places = cursor.places?.get(map);
  if (places !== undefined) cursor.places?.set(result, places);
  return result;
}

function mergeSources(cursor: Cursor, merged: YamlValue, at: number): YamlMap[] {
  const sources = Array.isArray(merged) ? merged : [merged];
  return sources.map((source) => {
    if (typeof source === "object" && source !== null && !Array.isArray(source)) {
      spend(cursor, Object.keys(source).length, at);
      return source;
    }
    throw invalid(cursor, at, {
      message: "<< can only merge a map or a list of maps",
      hint: 'quote "<<" if it is a key',
    });
  });
}
