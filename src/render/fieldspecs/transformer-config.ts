import { gvkOrder } from "../resource/gvk-order.ts";
import type { GvkPattern } from "../resource/res-id.ts";
import { type FieldSpec, mergeFieldSpecs, type NameReference } from "./field-spec.ts";

/** The lists of fields that the transformations work on, by the names that a `configurations` file uses. */
export const fieldSpecLists = [
  "namePrefix",
  "nameSuffix",
  "namespace",
  "commonLabels",
  "labels",
  "templateLabels",
  "volumeClaimTemplateLabels",
  "commonAnnotations",
  "varReference",
  "images",
  "replicas",
] as const;

export type FieldSpecList = (typeof fieldSpecLists)[number];

/** Which fields the transformations work on, by kind; and which kinds refer to which others by name. */
export interface TransformerConfig extends Readonly<Record<FieldSpecList, readonly FieldSpec[]>> {
  readonly nameReference: readonly NameReference[];
}

/** A configuration that names no field at all. */
export const emptyConfig: TransformerConfig = {
  namePrefix: [],
  nameSuffix: [],
  namespace: [],
  commonLabels: [],
  labels: [],
  templateLabels: [],
  volumeClaimTemplateLabels: [],
  commonAnnotations: [],
  varReference: [],
  images: [],
  replicas: [],
  nameReference: [],
};

/**
 * Both together; what is there already, for the same kinds or for fewer, is not added again. Sorted by kind so that the order in which they came makes no difference.
 * Throws `FieldSpecConflict` where the two disagree about a field.
 */
export function mergeConfigs(first: TransformerConfig, second: TransformerConfig): TransformerConfig {
  if (first === second || second === emptyConfig) return first;
  const list = (name: FieldSpecList) => mergeFieldSpecs(first[name], second[name]).toSorted(gvkOrder);
  return {
    namePrefix: list("namePrefix"),
    nameSuffix: list("nameSuffix"),
    namespace: list("namespace"),
    commonLabels: list("commonLabels"),
    labels: list("labels"),
    templateLabels: list("templateLabels"),
    volumeClaimTemplateLabels: list("volumeClaimTemplateLabels"),
    commonAnnotations: list("commonAnnotations"),
    varReference: list("varReference"),
    images: list("images"),
    replicas: list("replicas"),
    nameReference: mergeReferences(first.nameReference, second.nameReference).toSorted(gvkOrder),
  };
}

function mergeReferences(first: readonly NameReference[], second: readonly NameReference[]): readonly NameReference[] {
  const merged = [...first];
  for (const incoming of second) {
    const index = merged.findIndex((known) => sameKind(known, incoming));
    const known = merged[index];
    if (known === undefined) merged.push(incoming);
    else merged[index] = { ...known, referrers: mergeFieldSpecs(known.referrers, incoming.referrers) };
  }
  return merged;
}

const sameKind = (a: GvkPattern, b: GvkPattern): boolean =>
  (a.group ?? "") === (b.group ?? "") && (a.version ?? "") === (b.version ?? "") && (a.kind ?? "") === (b.kind ?? "");
