import { canonicalJson, type JsonObject } from "../model/json.ts";

/** The members in which two statuses differ: a merge patch that leaves the others out. */
export function statusPatch(before: object, after: object): JsonObject {
  const old = new Map(Object.entries(before));
  const changed = Object.entries(after).filter(
    ([key, value]) => canonicalJson(old.get(key) ?? null) !== canonicalJson(value ?? null),
  );
  return Object.fromEntries(changed);
}

/** A status after such a patch: what was null is gone. */
export function withoutNulls<Status extends object>(status: object): Status {
  return Object.fromEntries(Object.entries(status).filter(([, value]) => value !== null)) as Status;
}
