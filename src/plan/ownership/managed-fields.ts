import { fieldManager } from "../../api/names.ts";
import { isObject, type Json, type JsonObject, listAt, objectAt, ownMember, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { pointerTokens } from "../fields/diff.ts";
import { type ItemKeys, itemKeys } from "./item-keys.ts";

/** Who owns the fields of one live object, by some of its managedFields (FieldsV1). */
export interface FieldOwners {
  /**
   * The first manager that owns a field (a JSON pointer); undefined where there is none. An owner of something inside the
   * field counts as well. The sets are gone through once, and a field is then looked up, however many of both there are.
   */
  of(pointer: string): string | undefined;
}

/** The field managers other than Mooring. */
export function otherManagers(live: KubeObject): FieldOwners {
  return ownersOf(live, (entry) => ![undefined, fieldManager].includes(stringAt(entry, "manager")));
}

/** Mooring's own apply. */
export function mooringsOwn(live: KubeObject): FieldOwners {
  return ownersOf(live, (entry) => stringAt(entry, "manager") === fieldManager);
}

/** The managers of some entries, in their order; empty for one that is not named. */
export function ownersOf(live: KubeObject, counts: (entry: Json) => boolean): FieldOwners {
  const sets = listAt(live, "metadata", "managedFields").flatMap((entry, order): readonly OwnedSet[] => {
    const [manager = "", fields] = [stringAt(entry, "manager"), objectAt(entry, "fieldsV1")];
    return fields === undefined || !counts(entry) ? [] : [{ manager, order, fields }];
  });
  const root = sets.length === 0 ? undefined : new OwnedField(sets);
  return { of: (pointer) => root && owner(root, live, pointerTokens(pointer), 0)?.manager };
}

/** What one manager owns of a field. */
interface OwnedSet {
  readonly manager: string;
  readonly order: number;
  readonly fields: JsonObject;
}

/** A field that somebody owns, or something in it; what is inside is sorted by its keys when it is first asked for. */
class OwnedField {
  /** The first who owns something of it. */
  readonly first: OwnedSet | undefined;
  readonly #sets: readonly OwnedSet[];
  #inside: ReadonlyMap<string, OwnedField> | undefined;
  #items: ItemKeys | undefined;

  constructor(sets: readonly OwnedSet[]) {
    this.#sets = sets;
    [this.first] = sets;
  }

  member(key: string): OwnedField | undefined {
    return this.#members().get(key);
  }

  /** An item may have several keys, of sets that name the items of the list by other fields. */
  items(item: Json | undefined, index: number): readonly OwnedField[] {
    this.#items ??= itemKeys(this.#members().keys());
    return this.#items.naming(item, index).flatMap((key) => this.member(key) ?? []);
  }

  #members(): ReadonlyMap<string, OwnedField> {
    this.#inside ??= inside(this.#sets);
    return this.#inside;
  }
}

function inside(sets: readonly OwnedSet[]): ReadonlyMap<string, OwnedField> {
  const owned = new Map<string, OwnedSet[]>();
  for (const { manager, order, fields } of sets) {
    for (const [key, value] of Object.entries(fields)) {
      const set = { manager, order, fields: isObject(value) ? value : {} };
      const known = owned.get(key);
      if (known === undefined) owned.set(key, [set]);
      else known.push(set);
    }
  }
  return new Map([...owned].map(([key, all]) => [key, new OwnedField(all)]));
}

function owner(
  field: OwnedField,
  value: Json | undefined,
  tokens: readonly string[],
  depth: number,
): OwnedSet | undefined {
  const token = tokens[depth];
  if (token === undefined) return field.first;
  if (Array.isArray(value)) {
    const item: Json | undefined = value[Number(token)];
    const found = field.items(item, Number(token)).map((each) => owner(each, item, tokens, depth + 1));
    return found.reduce((a, b) => (a === undefined || (b !== undefined && b.order < a.order) ? b : a), undefined);
  }
  const member = field.member(`f:${token}`);
  return member && owner(member, isObject(value) ? ownMember(value, token) : undefined, tokens, depth + 1);
}
