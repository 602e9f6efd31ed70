import { isObject, type Json, type JsonObject, ownMember, parseJson, writeJson } from "../../model/json/json.ts";

/*
 * How a set of fields (FieldsV1) names the items of a list: `k:{"name":"app"}` by fields, `v:"a"` by value, `i:0` by place
 * (https://github.com/kubernetes-sigs/structured-merge-diff, fieldpath). A Deployment may have thousands of variables:
 * each key is read once, and an item looks up its own.
 */

/** The keys of a set, looked up by the item that they mean. */
export interface ItemKeys {
  /** The keys that mean this item, in the order of the set. */
  naming(item: Json | undefined, index: number): readonly string[];
}

/** A key and its place in the set. */
type Placed = readonly [place: number, key: string];

/** Keys of the same fields: all of a list have the same, but in a set that no API server wrote. */
interface Shape {
  readonly names: readonly string[];
  readonly byValues: Map<string, Placed[]>;
}

/** So many kinds of keys are looked at; a list has one. */
const mostShapes = 8;

/** Reads the keys of a set. */
export function itemKeys(keys: Iterable<string>): ItemKeys {
  const places = new Map<number, Placed[]>();
  const values = new Map<string, Placed[]>();
  const shapes = new Map<string, Shape>();
  let place = 0;
  for (const key of keys) {
    const placed: Placed = [place++, key];
    if (key.startsWith("i:")) put(places, Number(key.slice(2)), placed);
    else if (key.startsWith("v:")) put(values, key.slice(2), placed);
    else if (key.startsWith("k:")) addToShape(shapes, placed);
  }
  return {
    naming(item, index) {
      const found = [...(places.get(index) ?? [])];
      if (values.size > 0) found.push(...(values.get(writeJson(item)) ?? []));
      if (isObject(item)) for (const shape of shapes.values()) found.push(...ofShape(shape, item));
      return (found.length < 2 ? found : found.sort(([a], [b]) => a - b)).map(([, key]) => key);
    },
  };
}

function addToShape(shapes: Map<string, Shape>, placed: Placed): void {
  const fields = keyFields(placed[1]);
  if (fields === undefined) return;
  const id = JSON.stringify(fields.names);
  const shape = shapes.get(id) ?? { names: fields.names, byValues: new Map() };
  if (!shapes.has(id) && shapes.size === mostShapes) return;
  shapes.set(id, shape);
  put(shape.byValues, fields.values, placed);
}

function ofShape({ names, byValues }: Shape, item: JsonObject): readonly Placed[] {
  const values: Json[] = [];
  for (const name of names) {
    const value = ownMember(item, name);
    if (value === undefined) return [];
    values.push(value);
  }
  return values.some(isNested) ? [] : (byValues.get(writeJson(values)) ?? []);
}

interface KeyFields {
  readonly names: readonly string[];
  /** What they are, as text. */
  readonly values: string;
}

/** The fields of a `k:` key, by name; undefined for what means no item. */
function keyFields(key: string): KeyFields | undefined {
  const fields = readJson(key.slice("k:".length));
  if (!isObject(fields)) return undefined;
  const names = Object.keys(fields).sort();
  const values = names.map((name) => fields[name] ?? null);
  return values.some(isNested) ? undefined : { names, values: writeJson(values) };
}

/** A key that is no JSON means nothing; no API server writes one. */
function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch (thrown) {
    if (!(thrown instanceof SyntaxError)) throw thrown;
    return undefined;
  }
}

/** Only plain values identify items. */
function isNested(value: Json | undefined): boolean {
  return typeof value === "object" && value !== null;
}

function put<Key>(index: Map<Key, Placed[]>, key: Key, placed: Placed): void {
  const known = index.get(key);
  if (known === undefined) index.set(key, [placed]);
  else known.push(placed);
}

/** The items of a list as they were written: what is left to a default may be missing there. */
export interface WrittenItems {
  /** The first item that a key means. */
  meantBy(key: string): Json | undefined;
}

/** So many ways of leaving fields out are looked at; people have two or three. */
const mostGaps = 64;

/** Reads a list; `meantBy` of each key takes no time by its length. */
export function writtenItems(list: readonly Json[]): WrittenItems {
  const byValue = memo(() => firstBy(list, writeJson));
  const byNames = new Map<string, GappedIndex>();
  return {
    meantBy(key) {
      if (key.startsWith("v:")) return byValue().get(key.slice(2));
      const fields = key.startsWith("k:") ? keyFields(key) : undefined;
      if (fields === undefined) return undefined;
      const id = JSON.stringify(fields.names);
      if (!byNames.has(id) && byNames.size === mostShapes) return undefined;
      const index = byNames.get(id) ?? gappedIndex(list, fields.names);
      byNames.set(id, index);
      return firstWithGaps(index, fields);
    },
  };
}

/** Items by which of some fields they have (as `101`), and then by those. */
type GappedIndex = ReadonlyMap<string, Map<string, readonly [place: number, item: Json]>>;

function gappedIndex(list: readonly Json[], names: readonly string[]): GappedIndex {
  const index = new Map<string, Map<string, readonly [number, Json]>>();
  for (const [place, item] of list.entries()) {
    if (!isObject(item)) continue;
    const values = names.map((name) => ownMember(item, name));
    if (values.some(isNested)) continue;
    const gaps = values.map((value) => (value === undefined ? "0" : "1")).join("");
    const same = index.get(gaps) ?? new Map<string, readonly [number, Json]>();
    if (!index.has(gaps) && index.size === mostGaps) continue;
    index.set(gaps, same);
    const text = writeJson(values.filter((value) => value !== undefined));
    if (!same.has(text)) same.set(text, [place, item]);
  }
  return index;
}

function firstWithGaps(index: GappedIndex, { values }: KeyFields): Json | undefined {
  const all = parseJson(values);
  const wanted: readonly unknown[] = Array.isArray(all) ? all : [];
  let first: readonly [number, Json] | undefined;
  for (const [gaps, same] of index) {
    const found = same.get(writeJson(wanted.filter((_, place) => gaps[place] === "1")));
    if (found !== undefined && (first === undefined || found[0] < first[0])) first = found;
  }
  return first?.[1];
}

function firstBy(list: readonly Json[], textOf: (item: Json) => string): ReadonlyMap<string, Json> {
  const first = new Map<string, Json>();
  for (const item of list) {
    const text = textOf(item);
    if (!first.has(text)) first.set(text, item);
  }
  return first;
}

function memo<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
