import type { JsonObject } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { ownMetadata } from "./server-owned.ts";

/**
 * The part of an object that a person could have written: without status and without what the API server keeps in
 * `metadata`. Two objects that differ only in those have not drifted.
 */
export function normalise(object: KubeObject): JsonObject {
  const { status: _status, metadata, ...rest } = object;
  return { ...rest, metadata: ownMetadata(metadata) };
}
