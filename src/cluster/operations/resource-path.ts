import { Failure } from "../../model/failure.ts";
import type { ResourceType } from "../cluster.ts";

/** The path of a kind's collection, in one namespace or, without one, in all. */
export function collectionPath(type: ResourceType, namespace: string | undefined): string {
  const group = type.group === "" ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const within = type.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${group}${within}/${type.plural}`;
}

/** The path of one object. Throws `ObjectInvalid` where a namespaced object has no namespace, or an object no name. */
export function objectPath(type: ResourceType, object: { readonly namespace?: string; readonly name: string }): string {
  const missing = object.name === "" ? "name" : type.namespaced && !object.namespace ? "namespace" : undefined;
  if (missing !== undefined) {
    const about = `${type.kind}/${object.name}`;
    throw new Failure("ObjectInvalid", { object: about, field: `metadata.${missing}`, message: "is required" });
  }
  return `${collectionPath(type, object.namespace)}/${encodeURIComponent(object.name)}`;
}

/** A query string with its `?`; empty values are left out. */
export function query(parameters: Readonly<Record<string, string | undefined>>): string {
  const given = Object.entries(parameters).filter((entry): entry is [string, string] => Boolean(entry[1]));
  return given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
}
