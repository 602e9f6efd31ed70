import type { JsonObject } from "../model/json.ts";
import type { KubeObject } from "../model/manifest.ts";

const serverFields: ReadonlySet<string> = new Set([
  "managedFields",
  "resourceVersion",
  "uid",
  "generation",
  "creationTimestamp",
  "deletionTimestamp",
  "deletionGracePeriodSeconds",
  "selfLink",
]);

/**
 * The part of an object that a person could have written: without status and without what the API server keeps in
 * `metadata`. Two objects that differ only in those have not drifted.
 */
export function normalise(object: KubeObject): JsonObject {
  const { status: _status, metadata, ...rest } = object;
  const kept = Object.entries(metadata).filter(([key, value]) => !serverFields.has(key) && value !== undefined);
  return { ...rest, metadata: Object.fromEntries(kept) };
}
