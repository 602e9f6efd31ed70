import type { Problem } from "../../model/failure.ts";
import type { JsonObject } from "../../model/json/json.ts";
import { type KubeObject, type Manifest, placeOf } from "../../model/manifest.ts";
import { describeId } from "../../model/object-id.ts";

/**
 * What the API server alone writes in `metadata`
 * (https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/): it refuses another value, or, as
 * with `uid`, takes it for a condition that a new object never meets. Owner references and finalizers are anybody's.
 */
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

/** The members of `metadata` that a person could have written. */
export function ownMetadata(metadata: JsonObject): JsonObject {
  const kept = Object.entries(metadata).filter(([key, value]) => !serverFields.has(key) && value !== undefined);
  return Object.fromEntries(kept);
}

/** The object less what the API server alone writes: what is applied, and what a deleted object is made of again. */
export function withoutServerFields(object: KubeObject): KubeObject {
  if (serverFieldsOf(object).length === 0) return object;
  return { ...object, metadata: { ...ownMetadata(object.metadata), name: object.metadata.name } };
}

/** The server's members that a manifest has, whatever they hold. */
function serverFieldsOf({ metadata }: KubeObject): readonly string[] {
  return Object.keys(metadata).filter((key) => serverFields.has(key));
}

/**
 * The warning about a manifest that has some of them, or undefined. Tools write `creationTimestamp: null` into
 * everything that they generate, so what is null is dropped without a word.
 */
export function serverFieldWarning({ id, object, origin }: Manifest): Problem | undefined {
  const fields = serverFieldsOf(object).filter((key) => (object.metadata[key] ?? null) !== null);
  if (fields.length === 0) return undefined;
  const names = fields.map((key) => `metadata.${key}`).join(", ");
  const message = `${names} ${fields.length === 1 ? "is" : "are"} set by the API server and not applied`;
  return { ...placeOf(origin), object: describeId(id), message, hint: "take it out of the file" };
}
