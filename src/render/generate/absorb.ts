import { Failure } from "../../model/failure.ts";
import { describeResId, type ResId } from "../resource/res-id.ts";
import {
  currentId,
  metadataOf,
  metaTexts,
  nameOf,
  namespaceOf,
  type Resource,
  setMetaTexts,
  setNamespace,
} from "../resource/resource.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import { cloneMap, hasNoKeys, isMap, mapAt, newMap, type ValueMap, writtenText } from "../value/value.ts";
import { base64Lines, setText } from "./data.ts";

/**
 * Adds a generated object: as a new one, or, as its behavior says, in the place of the one of the same id or merged
 * with it. Throws `Failure` (RenderFailed) where that is not there, or there without being asked for.
 */
export function absorb(set: ResourceSet, resource: Resource): void {
  const id = currentId(resource, set.scope);
  const found = set.withAnyId(id);
  const [old] = found;
  const merges = resource.behavior === "merge" || resource.behavior === "replace";
  if (old === undefined) {
    if (merges) throw refusal(resource, id, `does not exist; cannot ${resource.behavior}`);
    set.append(resource);
    return;
  }
  if (found.length > 1) throw refusal(resource, id, "found multiple objects that could accept merge of it");
  if (!merges) {
    const behavior = resource.behavior;
    throw refusal(resource, id, `exists; can not use behavior: '${behavior}', behavior must be merge or replace`);
  }
  const oldData = resource.behavior === "merge" ? dataOf(old) : undefined;
  const originAnnotation = metaTexts(old, "annotations").get("config.kubernetes.io/origin");
  inheritMetadata(resource, old);
  if (oldData !== undefined) {
    mergeData(resource, "data", oldData);
    mergeData(resource, "binaryData", mapAt(old.value, "binaryData"));
    if (originAnnotation !== undefined) {
      const annotations = new Map(metaTexts(resource, "annotations"));
      setMetaTexts(resource, "annotations", annotations.set("config.kubernetes.io/origin", originAnnotation));
    }
  }
  set.replace(old, resource);
}

/** The generated object goes on under the name and with the history of the old one. */
function inheritMetadata(resource: Resource, old: Resource): void {
  for (const field of ["labels", "annotations"] as const) {
    setMetaTexts(resource, field, new Map([...metaTexts(old, field), ...metaTexts(resource, field)]));
  }
  metadataOf(resource).name = nameOf(old);
  setNamespace(resource, namespaceOf(old));
  resource.former = old.former;
  resource.prefixes = old.prefixes;
  resource.suffixes = old.suffixes;
  resource.vars = old.vars;
  resource.behavior = old.behavior;
  resource.generated = old.generated;
  resource.needsHash = resource.needsHash && old.needsHash;
  resource.fromHelm = old.fromHelm;
}

/** What is to be merged of the old object: of a Secret also what stands there in plain text. */
function dataOf(old: Resource): ValueMap {
  const data = cloneMap(mapAt(old.value, "data") ?? newMap());
  const plain = mapAt(old.value, "stringData");
  if (plain === undefined || old.value.kind !== "Secret" || old.value.apiVersion !== "v1") return data;
  for (const key in plain) data[key] = base64Lines(Buffer.from(writtenText(plain, key)));
  return data;
}

function mergeData(resource: Resource, field: "data" | "binaryData", old: ValueMap | undefined): void {
  const own = resource.value[field];
  const merged = newMap();
  for (const map of [old, own]) {
    if (map !== undefined && isMap(map)) for (const key in map) setText(merged, key, writtenText(map, key));
  }
  if (hasNoKeys(merged)) delete resource.value[field];
  else resource.value[field] = merged;
}

function refusal(resource: Resource, id: ResId, message: string): Failure {
  return new Failure("RenderFailed", {
    message: `id ${describeResId(id)} ${message}`,
    object: describeResId(id),
    ...resource.origin,
    hint: "behavior is create, replace or merge; the last two change an object of another kustomization",
  });
}
