import type { FieldSpec } from "../fieldspecs/field-spec.ts";
import { type GvkPattern, isSelected } from "../resource/res-id.ts";
import { originalId, rememberId } from "../resource/resource.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import { type Value, type ValueMap, writtenText } from "../value/value.ts";
import { changeFields, setUntyped } from "./set-fields.ts";

/** What is put before or after names. */
export interface Affix {
  readonly side: "prefix" | "suffix";
  readonly text: string;
}

/** Kinds whose names mean something outside the build and are never changed. */
const keptNames: readonly GvkPattern[] = [
  { kind: "CustomResourceDefinition" },
  { group: "apiregistration.k8s.io", kind: "APIService" },
  { kind: "Namespace" },
];

/**
 * Puts a text before or after the names of objects, and in the other fields that the specs lead to.
 * Source: sigs.k8s.io/kustomize/api/internal/builtins PrefixTransformer and SuffixTransformer.
 */
export function addAffix(set: ResourceSet, affix: Affix, specs: readonly FieldSpec[]): void {
  const change = (parent: ValueMap | Value[], key: string | number) => {
    const found = writtenText(parent, key);
    setUntyped(parent, key, affix.side === "prefix" ? affix.text + found : found + affix.text);
  };
  for (const resource of set.resources) {
    const id = originalId(resource, set.scope);
    if (keptNames.some((kind) => isSelected(id, kind))) continue;
    for (const spec of specs) {
      if (!isSelected(id, spec)) continue;
      if (spec.path === "metadata/name" && affix.text !== "") {
        (affix.side === "prefix" ? resource.prefixes : resource.suffixes).push(affix.text);
        rememberId(resource, set.scope);
      }
      changeFields(resource, [spec], { scope: set.scope, creates: "scalar", change });
    }
  }
  set.idsChanged();
}
