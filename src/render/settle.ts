import { Failure } from "../model/failure.ts";
import { keepNotes } from "./provenance/provenance.ts";
import { describeResId } from "./resource/res-id.ts";
import { currentId, type Resource } from "./resource/resource.ts";
import type { ResourceSet } from "./resource/resource-set.ts";
import { isList, isMap } from "./value/value.ts";
import { reread } from "./yaml/index.ts";

/**
 * Makes of the objects of a build what kustomize prints of them: all annotations are texts, notes that nobody asked for are
 * gone, and everything has been written once and read again. Throws `Failure` (RenderFailed) for what does not come through.
 */
export function settle(set: ResourceSet, metadata: readonly string[]): void {
  for (const resource of set.resources) {
    refuseOddAnnotations(set, resource);
    keepNotes(resource, metadata);
    rereadResource(set, resource);
  }
}

/** Writes an object and reads it again; see `reread`. */
export function rereadResource(set: Pick<ResourceSet, "scope">, resource: Resource): void {
  const found = reread(resource.value);
  if (found === undefined) return;
  if (found.problem !== undefined) {
    throw new Failure("YamlInvalid", { ...found.problem, chain: resource.origin.chain ?? [] });
  }
  throw new Failure("RenderFailed", {
    message: found.message,
    object: describeResId(currentId(resource, set.scope)),
    field: found.path.join("."),
    hint: found.hint,
    ...resource.origin,
  });
}

/** kustomize takes a list for keys and values by turns, and crashes where one is left over. */
function refuseOddAnnotations(set: ResourceSet, resource: Resource): void {
  const { metadata } = resource.value;
  const annotations = isMap(metadata) ? metadata.annotations : undefined;
  if (!isList(annotations) || annotations.length % 2 === 0) return;
  throw new Failure("RenderFailed", {
    message: "annotations must be a map, found a list",
    object: describeResId(currentId(resource, set.scope)),
    field: "metadata.annotations",
    ...resource.origin,
  });
}
