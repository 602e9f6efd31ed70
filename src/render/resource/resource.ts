import { Failure } from "../../model/failure.ts";
import type { Origin } from "../../model/manifest.ts";
import {
  isEmpty,
  isList,
  isMap,
  isScalar,
  mapAt,
  newMap,
  nodeText,
  putMember,
  type Value,
  type ValueMap,
  writtenText,
} from "../value/value.ts";
import { duplicateKeys } from "../yaml/index.ts";
import { CLUSTER, describeResId, effectiveNamespace, type ResId, splitApiVersion } from "./res-id.ts";

/** A label or annotation that stands in several places of an object; see `transform/linked-entries.ts`. */
export interface LinkedEntry {
  readonly key: string;
  readonly maps: readonly ValueMap[];
  value: string;
}

/** What a generated object does with one of the same id that is already there. */
export type Behavior = "unspecified" | "create" | "replace" | "merge";

/** A name that an object once had in this build; the group and version stay the object's own. */
export interface FormerId {
  readonly namespace: string;
  readonly name: string;
  readonly kind: string;
}

/**
 * An object on its way through the build, with what kustomize keeps beside it (there: in internal annotations, so that
 * none of it shows in the output). Transformations change it in place; an object that is deleted has no value left.
 */
export interface Resource {
  value: ValueMap;
  /**
   * Set for an object whose values are encrypted: as it was before variables were put into it. They are put in once more
   * when it is open, from the beginning.
   */
  unsubstituted?: ValueMap;
  origin: Origin;
  /** Oldest first. */
  former: FormerId[];
  prefixes: string[];
  suffixes: string[];
  /** The vars that read a field of this object. */
  vars: string[];
  behavior: Behavior;
  /** Made by a generator, so that there is a note of its behavior even where that is unspecified. */
  generated: boolean;
  needsHash: boolean;
  /** Labels and annotations that change together. */
  links: LinkedEntry[];
  /** Rendered by helm, which has set the namespace itself. */
  fromHelm: boolean;
}

/** Tells which kinds are known to live outside any namespace. */
export type Scope = (apiVersion: string, kind: string) => boolean;

/** A resource of an object that was just read or generated. */
export function makeResource(value: ValueMap, origin: Origin): Resource {
  return {
    value,
    origin,
    former: [],
    prefixes: [],
    suffixes: [],
    vars: [],
    links: [],
    behavior: "unspecified",
    generated: false,
    needsHash: false,
    fromHelm: false,
  };
}

/** Forgets what kustomize notes among the annotations of an object, where something else takes their place. */
export function forgetNotes(resource: Resource): void {
  const { value, origin, vars, links } = resource;
  Object.assign(resource, { ...makeResource(value, origin), vars, links });
}

/** Tells whether the object was deleted. */
export function isDeleted(resource: Resource): boolean {
  return isEmpty(resource.value);
}

/** The kind, empty where there is none. */
export function kindOf(resource: Resource): string {
  return writtenText(resource.value, "kind");
}

/** The apiVersion, empty where there is none. */
export function apiVersionOf(resource: Resource): string {
  return writtenText(resource.value, "apiVersion");
}

/** `metadata.name`, empty where there is none. */
export function nameOf(resource: Resource): string {
  return metaText(resource, "name");
}

/** `metadata.namespace`, empty where there is none. */
export function namespaceOf(resource: Resource): string {
  return metaText(resource, "namespace");
}

function metaText(resource: Resource, field: string): string {
  const metadata = resource.value.metadata;
  return isMap(metadata) ? writtenText(metadata, field) : "";
}

/** The id an object has now. */
export function currentId(resource: Resource, scope: Scope): ResId {
  const apiVersion = apiVersionOf(resource);
  const [group, version] = splitApiVersion(apiVersion);
  const kind = kindOf(resource);
  const clusterScoped = scope(apiVersion, kind);
  return { group, version, kind, name: nameOf(resource), namespace: namespaceOf(resource), clusterScoped };
}

/** The ids an object had before, oldest first. */
export function formerIds(resource: Resource): ResId[] {
  const [group, version] = splitApiVersion(apiVersionOf(resource));
  return resource.former.map(({ kind, name, namespace }) => ({
    group,
    version,
    kind,
    name,
    namespace,
    clusterScoped: namespace === CLUSTER,
  }));
}

/** The first id an object had in this build. */
export function originalId(resource: Resource, scope: Scope): ResId {
  return formerIds(resource)[0] ?? currentId(resource, scope);
}

/**
 * Notes the id an object has now, before it changes. Throws `Failure` (RenderFailed) where a list stands in the place of the
 * annotations, among which kustomize keeps such notes.
 */
export function rememberId(resource: Resource, scope: Scope): void {
  const id = currentId(resource, scope);
  const metadata = mapAt(resource.value, "metadata");
  // A scalar in the place of annotations makes room for such notes.
  if (metadata !== undefined && isScalar(metadata.annotations)) metadata.annotations = newMap();
  if (isList(metadata?.annotations)) {
    const message = "annotations must be a map, found a list";
    throw new Failure("RenderFailed", {
      message,
      object: describeResId(id),
      field: "metadata.annotations",
      ...resource.origin,
    });
  }
  resource.former.push({ namespace: effectiveNamespace(id), name: id.name, kind: id.kind });
}

/** The `metadata` map, made where there is none. */
export function metadataOf(resource: Resource): ValueMap {
  return childMap(resource.value, "metadata");
}

/** The map under a key, made where there is none (or something else). */
export function childMap(parent: ValueMap, key: string): ValueMap {
  const found = parent[key];
  if (isMap(found)) return found;
  const made = newMap();
  parent[key] = made;
  return made;
}

/** Sets the namespace, or takes the field away where it is empty. */
export function setNamespace(resource: Resource, namespace: string): void {
  const metadata = metadataOf(resource);
  if (namespace === "") delete metadata.namespace;
  else metadata.namespace = namespace;
}

/**
 * The labels or annotations of an object as texts, as they are written; null counts as its text, maps and lists as empty,
 * and of a key that is there twice the last counts.
 * A list in their place counts as keys and values by turns, anything else as none: so kustomize reads them.
 */
export function metaTexts(resource: Resource, field: "labels" | "annotations"): Map<string, string> {
  const metadata = resource.value.metadata;
  const found: Value | undefined = isMap(metadata) ? metadata[field] : undefined;
  const texts = new Map<string, string>();
  if (isMap(found))
    for (const key in found) texts.set(key, duplicateKeys(found).get(key)?.text ?? nodeText(found, key));
  else if (isList(found)) {
    for (let index = 0; index + 1 < found.length; index += 2) {
      texts.set(nodeText(found, index), nodeText(found, index + 1));
    }
  }
  return texts;
}

/** Replaces the labels or annotations; where there are none left the field goes away. */
export function setMetaTexts(
  resource: Resource,
  field: "labels" | "annotations",
  texts: ReadonlyMap<string, string>,
): void {
  const metadata = metadataOf(resource);
  delete metadata[field];
  if (texts.size === 0) return;
  const map = newMap();
  for (const [key, text] of texts) putMember(map, key, text);
  metadata[field] = map;
}
