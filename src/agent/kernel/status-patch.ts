import { canonicalJson, isObject, type Json, type JsonObject } from "../../model/json/json.ts";

/** Members of a status of which it is not known what the API server has, each with the names that may be in it. */
export type DoubtfulMembers = ReadonlyMap<string, readonly string[]>;

/** The members in which two statuses differ, and the doubtful ones, as a JSON merge patch (RFC 7386). */
export function statusPatch(before: object, after: object, doubtful: DoubtfulMembers): JsonObject {
  const [old, now] = [membersOf(before), membersOf(after)];
  const names = union([...now.keys()], [...doubtful.keys()]);
  const changed = names.filter((name) => doubtful.has(name) || !isSame(old.get(name), now.get(name)));
  const inside = (name: string) => union(namesIn(old.get(name)), doubtful.get(name) ?? []);
  return Object.fromEntries(changed.map((name) => [name, replacing(now.get(name), inside(name))]));
}

/** The doubtful members once a patch was sent whose answer is not known. */
export function doubtAfter(patch: JsonObject, doubtful: DoubtfulMembers): DoubtfulMembers {
  const sent = Object.entries(patch).map(
    ([name, value]) => [name, union(doubtful.get(name) ?? [], namesIn(value))] as const,
  );
  return new Map([...doubtful, ...sent]);
}

/** A merge patch merges an object into the former one: names of that go only where the patch sets them to null. */
function replacing(value: Json | undefined, names: readonly string[]): Json {
  if (!isObject(value)) return value ?? null;
  return { ...Object.fromEntries(names.map((name) => [name, null])), ...value };
}

const isSame = (a: Json | undefined, b: Json | undefined): boolean =>
  canonicalJson(a ?? null) === canonicalJson(b ?? null);
const namesIn = (value: Json | undefined): readonly string[] => (isObject(value) ? Object.keys(value) : []);
const union = (a: readonly string[], b: readonly string[]): readonly string[] => [...new Set([...a, ...b])];
const membersOf = (status: object): ReadonlyMap<string, Json | undefined> => new Map(Object.entries(status));
