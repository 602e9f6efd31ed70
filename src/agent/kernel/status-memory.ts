import type { Cluster, ObjectRef } from "../../cluster/index.ts";
import { canonicalJson, isObject, type Json, type JsonObject } from "../../model/json/json.ts";

/** The status of an object, by the memory of its only writer: the watch may lag behind what was written. */
export interface StatusMemory<Status extends object> {
  readonly current: Status;
  /**
   * Makes the status this one; what is null in it is taken away. One request, with what is not known to be there already;
   * none where nothing is left. Throws as `Cluster.patch` does: whether it was written is not known then, and the members
   * that it was about are written with the next request, whatever they are by then.
   */
  become(next: { readonly [K in keyof Status]?: Status[K] | null }, signal: AbortSignal): Promise<void>;
}

/** Starts from a status as it was read. */
export function rememberStatus<Status extends object>(
  cluster: Pick<Cluster, "patch">,
  ref: ObjectRef,
  read: Status,
): StatusMemory<Status> {
  let current = read;
  /** The members of which nothing is known, with the names that may be in them. */
  const doubtful = new Map<string, readonly string[]>();
  return {
    get current() {
      return current;
    },
    async become(next, signal) {
      const patch = statusPatch(current, next, doubtful);
      const members = Object.entries(patch);
      if (members.length === 0) return;
      for (const [name, value] of members) doubtful.set(name, union(doubtful.get(name) ?? [], namesIn(value)));
      await cluster.patch(ref, { type: "merge", body: { status: patch } }, { subresource: "status" }, signal);
      doubtful.clear();
      current = withoutNulls<Status>(next);
    },
  };
}

/** The members in which two statuses differ, and those of which nothing is known: a merge patch (RFC 7386). */
function statusPatch(before: object, after: object, doubtful: ReadonlyMap<string, readonly string[]>): JsonObject {
  const [old, now] = [membersOf(before), membersOf(after)];
  const names = union([...now.keys()], [...doubtful.keys()]);
  const moved = names.filter((name) => doubtful.has(name) || !isSame(old.get(name), now.get(name)));
  const inside = (name: string) => union(namesIn(old.get(name)), doubtful.get(name) ?? []);
  return Object.fromEntries(moved.map((name) => [name, replacing(now.get(name), inside(name))]));
}

/** What a merge patch has to say for a value to be this one: an object is merged into the one before, whose names go only if told. */
function replacing(value: Json | undefined, names: readonly string[]): Json {
  if (!isObject(value)) return value ?? null;
  return { ...Object.fromEntries(names.map((name) => [name, null])), ...value };
}

const isSame = (a: Json | undefined, b: Json | undefined): boolean =>
  canonicalJson(a ?? null) === canonicalJson(b ?? null);
const namesIn = (value: Json | undefined): readonly string[] => (isObject(value) ? Object.keys(value) : []);
const union = (a: readonly string[], b: readonly string[]): readonly string[] => [...new Set([...a, ...b])];
const membersOf = (status: object): ReadonlyMap<string, Json | undefined> => new Map(Object.entries(status));

/** A status after such a patch: what was null is gone. */
function withoutNulls<Status extends object>(status: object): Status {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== null)) as Status;
}
