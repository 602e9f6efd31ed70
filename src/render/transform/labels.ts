import { weightOf } from "../budget.ts";
import { FieldPathMismatch } from "../fieldspecs/apply.ts";
import { type FieldSpec, fieldSpec, mergeFieldSpecs } from "../fieldspecs/field-spec.ts";
import type { TransformerConfig } from "../fieldspecs/transformer-config.ts";
import type { FieldSpecInput, LabelInput } from "../kustomization/fields.ts";
import type { Resource } from "../resource/resource.ts";
import type { ResourceSet } from "../resource/resource-set.ts";
import { isMap, nodeKind, putMember, type Value, type ValueMap } from "../value/value.ts";
import { followLinks, linkEntries } from "./linked-entries.ts";
import { changeFields, memberOf } from "./set-fields.ts";

/** Sets labels or annotations in all fields that the specs lead to. */
export function setEntries(set: ResourceSet, entries: ReadonlyMap<string, string>, specs: readonly FieldSpec[]): void {
  if (entries.size === 0) return;
  const weight = [...entries].reduce((sum, [name, text]) => sum + name.length + weightOf(text), 0);
  set.budget.spread(weight, set.resources.length);
  for (const resource of set.resources) setEntriesOf(resource, entries, { specs, set });
}

function setEntriesOf(
  resource: Resource,
  entries: ReadonlyMap<string, string>,
  { specs, set }: { readonly specs: readonly FieldSpec[]; readonly set: ResourceSet },
): void {
  const added = new Map([...entries.keys()].map((name) => [name, new Set<ValueMap>()]));
  const change = (parent: ValueMap | Value[], key: string | number) => {
    const map = memberOf(parent, key);
    if (map === undefined || map === null) return;
    if (!isMap(map)) throw new FieldPathMismatch(`expected a map, found ${nodeKind(map)}`, String(key));
    for (const [name, text] of entries) {
      if (!(name in map)) added.get(name)?.add(map);
      putMember(map, name, text);
    }
  };
  changeFields(resource, specs, { scope: set.scope, creates: "map", change });
  followLinks(resource);
  for (const [name, maps] of added) linkEntries(resource, name, entries.get(name) ?? "", [...maps]);
}

/** The fields that one entry of `labels` sets. Throws `FieldSpecConflict` where its own fields disagree with others. */
export function labelFields(label: LabelInput, config: TransformerConfig): readonly FieldSpec[] {
  const own = (label.fields ?? []).map(toFieldSpec);
  const fields = mergeFieldSpecs(own, config.labels);
  if (label.includeSelectors) return mergeFieldSpecs(fields, config.commonLabels);
  const templates = label.includeTemplates ? config.templateLabels : [];
  const claims = label.includeVolumeClaimTemplates ? config.volumeClaimTemplateLabels : [];
  const metadata = fieldSpec("metadata/labels", {}, true);
  return [templates, claims, [metadata]].reduce(mergeFieldSpecs, fields);
}

/** A field spec as written in a file. */
export function toFieldSpec(input: FieldSpecInput): FieldSpec {
  return fieldSpec(input.path ?? "", input, input.create === true);
}
