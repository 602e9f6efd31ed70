import { onOneLine } from "./text/visible.ts";

/** What identifies an object in a cluster. `group` is empty for the core group, `namespace` for cluster-scoped kinds. */
export interface ObjectId {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** `Deployment/shop/web`, or `Namespace/shop` for a cluster-scoped object: how an object is named to people, on one line. */
export function describeId(id: ObjectId): string {
  return onOneLine(id.namespace === "" ? `${id.kind}/${id.name}` : `${id.kind}/${id.namespace}/${id.name}`);
}

/**
 * `<namespace>_<name>_<group>_<kind>`: the inventory's id, and the key of an object in maps.
 * The format is cli-utils' and Flux's; a colon in a name (RBAC) is written `__` as they do.
 */
export function formatId(id: ObjectId): string {
  return `${id.namespace}_${id.name.replaceAll(":", "__")}_${id.group}_${id.kind}`;
}

/** Reads an inventory id back; undefined where the text is not one. */
export function parseId(text: string): ObjectId | undefined {
  const first = text.indexOf("_");
  const kindAt = text.lastIndexOf("_");
  const groupAt = text.lastIndexOf("_", kindAt - 1);
  if (first < 0 || groupAt <= first) return undefined;
  return {
    namespace: text.slice(0, first),
    name: text.slice(first + 1, groupAt).replaceAll("__", ":"),
    group: text.slice(groupAt + 1, kindAt),
    kind: text.slice(kindAt + 1),
  };
}

/** The group of an apiVersion: `apps` of `apps/v1`, empty for `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

/** The version of an apiVersion: `v1` of `apps/v1`. */
export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf("/") + 1);
}
