import { buildAnnotations } from "../../load/build-annotations.ts";
import { childMap, forgetNotes, metadataOf, type Resource } from "../../resource/resource.ts";
import type { ResourceSet } from "../../resource/resource-set.ts";
import { isEmpty, isMap, mapAt, type Value } from "../../value/value.ts";
import type { Slot } from "../slots.ts";
import { problem } from "./problems.ts";

/*
 * kustomize keeps notes about an object among its annotations while it builds (see `load/build-annotations.ts`), and a
 * replacement finds them there like any others.
 */

const allAnnotations = "metadata.annotations";

/** Refuses to copy all annotations of an object with the notes among them. Throws `Failure` (RenderFailed). */
export function refuseNotes(set: ResourceSet, resource: Resource, value: Value | undefined, path: string): void {
  const metadata = mapAt(resource.value, "metadata");
  const isWhole = isMap(value)
    ? value === metadata || value === metadata?.annotations
    : isEmpty(value) && path === allAnnotations;
  if (!isWhole || buildAnnotations(resource).size === 0) return;
  const what = "annotations as a whole, with the notes that kustomize keeps among them once an object is renamed";
  throw problem(set, resource, path, `the replacement copies ${what}: copy single annotations instead`);
}

/** Where there are notes, there are annotations to be replaced, even if there are no others. */
export function showAnnotations(resource: Resource, path: string): void {
  if (path !== allAnnotations || buildAnnotations(resource).size === 0) return;
  const metadata = metadataOf(resource);
  if (isEmpty(metadata.annotations)) childMap(metadata, "annotations");
}

/** Forgets the notes about an object where something else has taken their place. */
export function dropNotes(resource: Resource, { parent, key }: Slot): void {
  const { value } = resource;
  if (key === "annotations" ? parent === value.metadata : key === "metadata" && parent === value) forgetNotes(resource);
}
