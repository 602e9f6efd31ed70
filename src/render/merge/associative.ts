import { isEmpty, isList, isMap, isScalar, textOf, type Value, type ValueMap } from "../value/value.ts";

/** Merges an element of the object with the one of the patch, either of which may be missing. */
export type MergeElement = (own: Value | undefined, other: Value | undefined) => Value | undefined;

/**
 * Merges two lists whose elements are found by the values of several keys, or by themselves (the one key `""`), as
 * kyaml does: elements of the patch first, in its order, then the others. Keys that no element has are left aside, and
 * elements that differ only in a key that one of them lacks are the same element.
 * Source: sigs.k8s.io/kustomize/kyaml/yaml/walk/associative_sequence.go.
 */
export function mergeByKeys(
  dest: readonly Value[],
  patch: readonly Value[] | undefined,
  keys: readonly string[],
  merge: MergeElement,
): Value[] {
  const all = unifyTexts(distinctTexts([...(patch ?? []), ...dest], keys), keys);
  if (all.length === 0) return [...dest];
  const used = keys.filter((_, index) => all.some((texts) => texts[index] !== ""));
  const inUse = used.length === 0 ? keys : used;
  let own = [...dest];
  let merged: Value[] = [];
  for (const texts of all) {
    const values = texts.filter((_, index) => inUse.includes(keys[index] ?? ""));
    const match = withoutEmpty(inUse, values);
    const value = merge(elementMatching(own, match), patch && elementMatching(patch, match));
    if (value === undefined || value === null || (isMap(value) && isEmpty(value))) {
      own = setElement(own, { keys: inUse, values });
      continue;
    }
    if (isMap(value)) addKeys(value, inUse, values);
    merged = setElement(merged, { keys: inUse, values, element: value });
  }
  for (const element of own) merged = putBack(merged, element, inUse);
  return merged;
}

interface Match {
  readonly keys: readonly string[];
  readonly values: readonly string[];
}

/** The texts of the keys of an element, empty where it lacks one. */
export function keyTexts(element: Value, keys: readonly string[]): string[] {
  if (keys[0] === "") return [textOf(element)];
  return keys.map((key) => (isMap(element) ? textOf(element[key]) : ""));
}

/** The first element with these values; an element that has a key with an empty value matches the empty text. */
function elementMatching(list: readonly Value[], match: Match): Value | undefined {
  if (match.keys[0] === "") return list.find((element) => textOf(element) === match.values[0]);
  return list.find(
    (element) =>
      isMap(element) &&
      match.keys.every((key, index) => key in element && textAt(element, key) === match.values[index]),
  );
}

const textAt = (element: ValueMap, key: string) => textOf(element[key]);

function withoutEmpty(keys: readonly string[], values: readonly string[]): Match {
  const kept = keys.filter((_, index) => values[index] !== "");
  return kept.length === 0 ? { keys, values } : { keys: kept, values: values.filter((value) => value !== "") };
}

function distinctTexts(elements: readonly Value[], keys: readonly string[]): string[][] {
  const found = new Map<string, string[]>();
  for (const element of elements) {
    const texts = keyTexts(element, keys);
    const key = texts.join("\0");
    if (!found.has(key)) found.set(key, texts);
  }
  return [...found.values()];
}

/** Where elements differ only by a key that one lacks, gives both the same texts. */
function unifyTexts(all: string[][], keys: readonly string[]): readonly string[][] {
  if (keys.length < 2) return all;
  for (let i = 0; i < all.length; i++) {
    for (let j = 0; j < all.length; j++) {
      const common = unified(all[i] ?? [], all[j] ?? []);
      if (common === undefined) continue;
      all[i] = common;
      all[j] = common;
    }
  }
  return all;
}

function unified(a: readonly string[], b: readonly string[]): string[] | undefined {
  const fits = a.every((text, index) => text === b[index] || text === "" || b[index] === "");
  const shares = a.some((text, index) => text === b[index]);
  return fits && shares ? a.map((text, index) => text || (b[index] ?? "")) : undefined;
}

function addKeys(element: ValueMap, keys: readonly string[], values: readonly string[]): void {
  keys.forEach((key, index) => {
    const text = values[index] ?? "";
    if (key !== "" && text !== "" && !(key in element)) element[key] = plainScalar(text);
  });
}

/** The keys of an element are compared as texts; written back they are numbers again where they look like one. */
function plainScalar(text: string): Value {
  return /^(0|-?[1-9]\d{0,14})$/.test(text) ? Number(text) : text;
}

/** Replaces the elements that match, or adds it at the end; without an element the matches are taken out. */
function setElement(list: readonly Value[], { keys, values, element }: Match & { readonly element?: Value }): Value[] {
  const result: Value[] = [];
  const forMaps = keys[0] !== "" && values[0] !== undefined && values[0] !== "";
  let found = false;
  for (const candidate of list) {
    if (candidate === null || (isMap(candidate) && isEmpty(candidate))) continue;
    if ((!isMap(candidate) && forMaps) || !matches(candidate, keys, values)) {
      if (values.length > 0) result.push(candidate);
      continue;
    }
    found = true;
    if (element !== undefined) result.push(element);
  }
  if (!found && element !== undefined) result.push(element);
  return result;
}

function matches(element: Value, keys: readonly string[], values: readonly string[]): boolean {
  if (values.length === 0) return false;
  return keys.every((key, index) => {
    if (index >= values.length) return true;
    if (key === "") return isScalar(element) && textOf(element) === values[index];
    if (!isMap(element) || !(key in element)) return false;
    const wanted = values[index] ?? "";
    return wanted === "" || (!isList(element[key]) && textAt(element, key) === wanted);
  });
}

/** Puts an element of the object back where the patch has one of the same keys, otherwise at the end. */
function putBack(merged: Value[], element: Value, keys: readonly string[]): Value[] {
  if (keys[0] === "") return setElement(merged, { keys, values: [textOf(element)], element });
  let list = merged;
  const values: string[] = [];
  for (const key of keys) {
    const value = isMap(element) ? element[key] : undefined;
    if (value === undefined) list = [...list, element];
    else values.push(textOf(value));
  }
  if (keys.length > 1) list = setElement(list, { keys, values });
  return setElement(list, { keys, values, element });
}
