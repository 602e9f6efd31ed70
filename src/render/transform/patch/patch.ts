import { Failure } from "../../../model/failure.ts";
import { weightOf } from "../../budget.ts";
import type { Selector } from "../../kustomization/fields.ts";
import { applyJsonPatch, type JsonOperation } from "../../merge/json-patch.ts";
import { MergeConflict } from "../../merge/merge-conflict.ts";
import { mergeStrategic, type SchemaFinder } from "../../merge/strategic.ts";
import { describeResId, formatResId } from "../../resource/res-id.ts";
import {
  apiVersionOf,
  currentId,
  isDeleted,
  kindOf,
  metadataOf,
  metaTexts,
  nameOf,
  namespaceOf,
  originalId,
  type Resource,
  rememberId,
  setMetaTexts,
  setNamespace,
} from "../../resource/resource.ts";
import type { ResourceSet } from "../../resource/resource-set.ts";
import { cloneMap, newMap, type ValueMap } from "../../value/value.ts";
import { selectResources } from "../select/select.ts";
import { setUntyped } from "../set-fields.ts";
import { asDocument, fromDocument, jsonValue } from "./document.ts";

/** What a patch may change besides content. */
export interface PatchOptions {
  readonly allowNameChange?: boolean;
  readonly allowKindChange?: boolean;
}

/** What a strategic merge needs to know. */
export interface MergeContext {
  readonly set: ResourceSet;
  readonly find: SchemaFinder;
  readonly options: PatchOptions;
}

/** Merges patches into the objects that have their ids. Throws `Failure` (RenderFailed) where there is not exactly one. */
export function patchById(context: MergeContext, patches: readonly Resource[]): void {
  for (const patch of patches) mergeInto(context, patchTarget(context.set, patch), patch.value, patch);
}

/** Merges a patch into all objects that a selector means, whatever name and kind the patch itself has. */
export function patchSelected(context: MergeContext, selector: Selector, patch: Resource): void {
  const selected = selectResources(context.set, selector);
  context.set.budget.spread(weightOf(patch.value), selected.length);
  for (const resource of selected) {
    mergeInto(context, resource, patchFor(resource, patch), patch);
  }
  context.set.retain((resource) => !isDeleted(resource));
  context.set.assertUnique();
}

/** As `patchById`, with labels and annotations of the patch taken as texts; as `patchesStrategicMerge` has it. */
export function patchByIdAsTexts(context: MergeContext, patches: readonly Resource[]): void {
  for (const patch of patches) {
    const target = patchTarget(context.set, patch);
    mergeInto(context, target, patchFor(target, patch), patch);
    context.set.retain((resource) => !isDeleted(resource));
  }
}

/** Runs the operations of a JSON patch on all objects that a selector means. */
export function patchWithOperations(
  set: ResourceSet,
  selector: Selector,
  operations: readonly JsonOperation[],
  remember: boolean,
): void {
  if (operations.length === 0) return;
  const asJson = operations.map((one) => (one.value === undefined ? one : { ...one, value: jsonValue(one.value) }));
  const selected = selectResources(set, selector);
  const weight = asJson.reduce((sum, { value }) => sum + (value === undefined ? 0 : weightOf(value)), 0);
  set.budget.spread(weight, selected.length);
  for (const resource of selected) {
    if (remember) rememberId(resource, set.scope);
    const document = asDocument(set, resource);
    withConflicts(set, resource, undefined, () =>
      applyJsonPatch(document, asJson, (value) => set.budget.copyOf(value)),
    );
    resource.value = fromDocument(set, resource, { document, operations: asJson });
    resource.links = [];
  }
  set.idsChanged();
}

function patchTarget(set: ResourceSet, patch: Resource): Resource {
  const id = originalId(patch, set.scope);
  const found = set.withAnyId(id);
  const [target] = found;
  if (target !== undefined && found.length === 1) return target;
  const many = found.length > 1;
  throw new Failure("RenderFailed", {
    message: `${many ? "multiple" : "no"} matches for Id ${formatResId(id)}; failed to find unique target for patch ${formatResId(id)}`,
    object: describeResId(id),
    ...patch.origin,
    hint: many
      ? "no resource matches the patch alone: give the patch a target, or patch the bases before they come together"
      : "a patch needs the apiVersion, kind, name and namespace that the object has or had",
  });
}

/** The patch as it is merged into an object chosen by selector: with that object's type, and its metadata as texts. */
function patchFor(target: Resource, patch: Resource): ValueMap {
  const copy: Resource = { ...patch, value: cloneMap(patch.value) };
  setMetaTexts(copy, "labels", metaTexts(copy, "labels"));
  setMetaTexts(copy, "annotations", metaTexts(copy, "annotations"));
  copy.value.apiVersion = apiVersionOf(target);
  return copy.value;
}

function mergeInto({ set, find, options }: MergeContext, target: Resource, patch: ValueMap, source: Resource): void {
  const kind = kindOf(target);
  const name = nameOf(target);
  const namespace = namespaceOf(target);
  const renames = options.allowNameChange || options.allowKindChange;
  if (renames) rememberId(target, set.scope);
  const remains = withConflicts(set, target, source, () => mergeStrategic(target.value, patch, find));
  if (!remains) {
    target.value = newMap();
    return;
  }
  if (!options.allowKindChange) setUntyped(target.value, "kind", kind);
  if (!options.allowNameChange) setUntyped(metadataOf(target), "name", name);
  setNamespace(target, namespace);
  if (renames) set.idsChanged();
}

function withConflicts<T>(set: ResourceSet, resource: Resource, patch: Resource | undefined, run: () => T): T {
  try {
    return run();
  } catch (thrown) {
    if (!(thrown instanceof MergeConflict)) throw thrown;
    throw new Failure("RenderFailed", {
      message: `the patch does not fit: ${thrown.message}`,
      object: describeResId(currentId(resource, set.scope)),
      ...(thrown.path.length > 0 && { field: thrown.path.join(".") }),
      ...patch?.origin,
    });
  }
}
