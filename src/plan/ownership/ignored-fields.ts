import { isObject, type Json, type JsonObject, objectAt, ownMember } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { escapeToken, pointerTokens } from "../fields/diff.ts";
import { type FieldOwners, mooringsOwn } from "./managed-fields.ts";

/** Fields of an object, as the steps that lead there. */
export interface FieldTree {
  /** The field itself is one of them. */
  readonly isField: boolean;
  readonly inside: ReadonlyMap<string, FieldTree>;
}

interface Growing extends FieldTree {
  isField: boolean;
  readonly inside: Map<string, Growing>;
}

/** The fields that JSON pointers name. */
export function fieldTree(pointers: readonly string[]): FieldTree {
  const root: Growing = { isField: false, inside: new Map() };
  for (const pointer of pointers) {
    let field = root;
    for (const token of pointerTokens(pointer)) {
      const next = field.inside.get(token) ?? { isField: false, inside: new Map() };
      field.inside.set(token, next);
      field = next;
    }
    field.isField = true;
  }
  return root;
}

/**
 * The object without the ignored fields. A field that Mooring itself still owns follows the live value
 * instead: dropping it from the apply would delete it, or set it back to its default. An object that is not there yet
 * gets the value of the repository. All fields are found in one walk, in the lists as the repository has them.
 */
export function withoutIgnoredFields(
  object: KubeObject,
  live: KubeObject | undefined,
  trees: readonly FieldTree[],
): KubeObject {
  if (live === undefined || trees.length === 0) return object;
  const left = leave(object, live, { trees, pointer: "", owners: mooringsOwn(live) });
  return isObject(left) && left !== object ? named(left, object) : object;
}

/** Kind, name and namespace are never ignored. */
function named(left: JsonObject, { apiVersion, kind, metadata }: KubeObject): KubeObject {
  const { name, namespace } = metadata;
  const place = { name, ...(namespace === undefined ? {} : { namespace }) };
  return { ...left, apiVersion, kind, metadata: { ...objectAt(left, "metadata"), ...place } };
}

interface Place {
  readonly trees: readonly FieldTree[];
  readonly pointer: string;
  readonly owners: FieldOwners;
}

/** Undefined where nothing of the value is left. */
function leave(value: Json | undefined, live: Json | undefined, place: Place): Json | undefined {
  const { trees, pointer, owners } = place;
  if (value === undefined) return undefined;
  const isLeft = trees.some(({ isField }) => isField);
  if (isLeft && owners.of(pointer) === undefined) return undefined;
  const kept = isLeft ? live : value;
  if (Array.isArray(kept)) return leaveItems(kept, live, place);
  return isObject(kept) ? leaveMembers(kept, live, place) : kept;
}

function leaveItems(list: readonly Json[], live: Json | undefined, place: Place): readonly Json[] {
  const tokens = tokensOf(place.trees);
  if (tokens.size === 0) return list;
  return list.flatMap((item, index) => {
    if (!tokens.has(String(index))) return [item];
    const left = leave(item, Array.isArray(live) ? live[index] : undefined, inside(place, String(index)));
    return left === undefined ? [] : [left];
  });
}

function leaveMembers(object: JsonObject, live: Json | undefined, place: Place): JsonObject {
  const changed = new Map<string, Json | undefined>();
  for (const token of tokensOf(place.trees)) {
    const value = ownMember(object, token);
    if (value === undefined) continue;
    const left = leave(value, isObject(live) ? ownMember(live, token) : undefined, inside(place, token));
    if (left !== value) changed.set(token, left);
  }
  if (changed.size === 0) return object;
  const members = Object.entries(object).map(([key, value]) => [key, changed.has(key) ? changed.get(key) : value]);
  return Object.fromEntries(members.filter(([, value]) => value !== undefined));
}

function tokensOf(trees: readonly FieldTree[]): ReadonlySet<string> {
  return new Set(trees.flatMap((tree) => [...tree.inside.keys()]));
}

function inside({ trees, pointer, owners }: Place, token: string): Place {
  const deeper = trees.flatMap((tree) => tree.inside.get(token) ?? []);
  return { trees: deeper, pointer: `${pointer}/${escapeToken(token)}`, owners };
}
