import { Failure } from "../../../model/failure.ts";
import { buildAnnotations, isBuildAnnotation } from "../../load/build-annotations.ts";
import type { JsonOperation } from "../../merge/json-patch.ts";
import { describeResId } from "../../resource/res-id.ts";
import { childMap, currentId, metaTexts, type Resource, setMetaTexts } from "../../resource/resource.ts";
import type { ResourceSet } from "../../resource/resource-set.ts";
import { rereadResource } from "../../settle.ts";
import { isList, isMap, newMap, type Value, type ValueMap } from "../../value/value.ts";
import { formatFloat, isWrittenPlain, noteQuoted, noteSpelling } from "../../yaml/index.ts";

/**
 * An object as a JSON patch finds it, itself written and read again: written out as JSON, with blanks as nulls and integers as JSON numbers, and with
 * kustomize's notes among the annotations, so that there is a map of annotations wherever there are notes.
 */
export function asDocument(set: ResourceSet, resource: Resource): ValueMap {
  rereadResource(set, resource);
  const document = throughJson(resource.value);
  const notes = buildAnnotations(resource);
  if (notes.size > 0) Object.assign(childMap(childMap(document, "metadata"), "annotations"), Object.fromEntries(notes));
  return document;
}

/**
 * The object that a patched document is: written as YAML and read again, its annotations texts, without the notes.
 * Throws `Failure` (RenderFailed) where the patch has carried notes elsewhere; kustomize would print them.
 */
export function fromDocument(
  set: ResourceSet,
  resource: Resource,
  { document, operations }: { readonly document: ValueMap; readonly operations: readonly JsonOperation[] },
): ValueMap {
  noteLooks(document);
  const patched = { ...resource, value: document };
  const annotations = metaTexts(patched, "annotations");
  for (const key of [...annotations.keys()]) if (isBuildAnnotation(key)) annotations.delete(key);
  setMetaTexts(patched, "annotations", annotations);
  if (!operations.some(mayCarryNotes) || !holdsNotes(document)) return document;
  throw new Failure("RenderFailed", {
    message:
      "the patch copies metadata.annotations as a whole, with the notes that kustomize keeps there while it builds",
    object: describeResId(currentId(resource, set.scope)),
    hint: "copy single annotations instead",
    ...resource.origin,
  });
}

/** Whether an operation takes all annotations from their place, alone or with what they are in. */
const mayCarryNotes = ({ from }: JsonOperation): boolean =>
  from !== undefined && ["", "/metadata", "/metadata/annotations"].includes(from);

function holdsNotes(value: Value): boolean {
  if (isList(value)) return value.some(holdsNotes);
  if (!isMap(value)) return false;
  for (const key in value) if (isBuildAnnotation(key) || holdsNotes(value[key] ?? null)) return true;
  return false;
}

/** A map as it is after JSON, which has no integers beyond those that a number holds. */
function throughJson(map: ValueMap): ValueMap {
  const copy = newMap();
  for (const key in map) copy[key] = jsonValue(map[key] ?? null);
  return copy;
}

/** A value as it is after JSON. */
export function jsonValue(value: Value): Value {
  if (isList(value)) return value.map(jsonValue);
  if (isMap(value)) return throughJson(value);
  return typeof value === "bigint" ? Number(value) : value;
}

/** Notes how Go writes the scalars of a document: which texts stand in quotes, and how numbers are spelled. */
function noteLooks(value: Value): void {
  if (isList(value)) {
    value.forEach((item, index) => {
      noteLook(value, index, item);
    });
  } else if (isMap(value)) for (const key in value) noteLook(value, key, value[key] ?? null);
}

function noteLook(parent: ValueMap | Value[], key: string | number, value: Value): void {
  if (typeof value === "number") noteSpelling(parent, key, formatFloat(value));
  else if (typeof value !== "string") noteLooks(value);
  else if (!isWrittenPlain(value)) noteQuoted(parent, key);
}
