import type { ListOptions } from "../../../src/cluster/index.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";

/** Tells whether an object is in a list or a watch: equality, presence and absence of labels, and `metadata.name` as a field. */
export function matches(
  object: KubeObject,
  { namespace, labelSelector, fieldSelector }: Pick<ListOptions, "namespace" | "labelSelector" | "fieldSelector">,
): boolean {
  const { labels = {}, name } = object.metadata;
  if (namespace !== undefined && namespace !== "" && object.metadata.namespace !== namespace) return false;
  if (fieldSelector !== undefined && fieldSelector !== `metadata.name=${name}`) return false;
  return (labelSelector ?? "").split(",").every((term) => {
    const [, key = "", operator = "", value] = /^(!?[^!=]*?)(!=|==?|$)(.*)$/.exec(term) ?? [];
    if (key === "") return true;
    if (operator === "!=") return labels[key] !== value;
    if (operator !== "") return labels[key] === value;
    return key.startsWith("!") ? !Object.hasOwn(labels, key.slice(1)) : Object.hasOwn(labels, key);
  });
}

/** The object, or its metadata alone. */
export function shownAs(object: KubeObject, metadataOnly: boolean | undefined): KubeObject {
  const { apiVersion, kind, metadata } = object;
  return metadataOnly === true ? { apiVersion, kind, metadata } : object;
}
