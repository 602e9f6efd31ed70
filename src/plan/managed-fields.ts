import { fieldManager } from "../api/names.ts";
import {
  isObject,
  type Json,
  type JsonObject,
  listAt,
  objectAt,
  parseJson,
  stringAt,
  writeJson,
} from "../model/json.ts";
import type { KubeObject } from "../model/manifest.ts";
import { pointerTokens } from "./diff.ts";

/**
 * The field manager other than Mooring that owns a field of a live object, by its managedFields (FieldsV1); undefined
 * where there is none. An owner of something inside the field counts as well.
 */
export function otherManager(live: KubeObject, pointer: string): string | undefined {
  const tokens = pointerTokens(pointer);
  for (const entry of listAt(live, "metadata", "managedFields")) {
    const manager = stringAt(entry, "manager");
    if (manager === undefined || manager === fieldManager) continue;
    if (owns(objectAt(entry, "fieldsV1"), live, tokens)) return manager;
  }
  return undefined;
}

/** Tells whether Mooring's own apply owns a field of a live object. */
export function ownedByMooring(live: KubeObject, pointer: string): boolean {
  const tokens = pointerTokens(pointer);
  return listAt(live, "metadata", "managedFields").some(
    (entry) => stringAt(entry, "manager") === fieldManager && owns(objectAt(entry, "fieldsV1"), live, tokens),
  );
}

/** Tells whether a set of fields (FieldsV1) holds the field of a live value, or something inside it. */
export function owns(fields: JsonObject | undefined, value: Json | undefined, tokens: readonly string[]): boolean {
  if (fields === undefined) return false;
  const [token, ...rest] = tokens;
  if (token === undefined) return true;
  if (Array.isArray(value)) {
    const item: Json | undefined = value[Number(token)];
    const key = Object.keys(fields).find((each) => namesItem(each, item, Number(token)));
    return key !== undefined && owns(objectAt(fields, key), item, rest);
  }
  return owns(objectAt(fields, `f:${token}`), isObject(value) ? value[token] : undefined, rest);
}

/** Tells whether a FieldsV1 key (`k:{…}`, `v:…`, `i:n`) means this list item. */
export function namesItem(key: string, item: Json | undefined, index: number): boolean {
  if (key.startsWith("i:")) return Number(key.slice(2)) === index;
  if (key.startsWith("v:")) return key.slice(2) === writeJson(item);
  if (!key.startsWith("k:") || !isObject(item)) return false;
  const wanted: unknown = parseJson(key.slice(2));
  return isObject(wanted) && Object.entries(wanted).every(([name, value]) => item[name] === value);
}
