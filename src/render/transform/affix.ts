import type { FieldSpec } from "../fieldspecs/field-spec.ts";
import { plainScalar } from "../plain-scalar.ts";
import { type GvkPattern, isSelected } from "../res-id.ts";
import { originalId, rememberId } from "../resource.ts";
import type { ResourceSet } from "../resource-set.ts";
import { textOf, type Value, type ValueMap } from "../value.ts";
import { changeFields, memberOf, setScalar } from "./set-fields.ts";

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
    const found = memberOf(parent, key);
    const name = affix.side === "prefix" ? affix.text + textOf(found) : textOf(found) + affix.text;
    // A name written as a number is one again where it still looks like one.
    setScalar(parent, key, typeof found === "number" ? plainScalar(name) : name);
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
