import { Failure } from "../../model/failure.ts";
import { weightOf } from "../budget.ts";
import type { Selector } from "../kustomization/fields.ts";
import { applyJsonPatch, type JsonOperation } from "../merge/json-patch.ts";
import { MergeConflict } from "../merge/merge-conflict.ts";
import { mergeStrategic, type SchemaFinder } from "../merge/strategic.ts";
import { describeResId, formatResId } from "../res-id.ts";
import {
  apiVersionOf,
  currentId,
  isDeleted,
  metadataOf,
  metaTexts,
  namespaceOf,
  originalId,
  type Resource,
  rememberId,
  setMetaTexts,
  setNamespace,
} from "../resource.ts";
import type { ResourceSet } from "../resource-set.ts";
import { cloneMap, isList, isMap, newMap, type Value, type ValueMap } from "../value.ts";
import { isWrittenPlain, noteQuoted } from "../yaml/index.ts";
import { selectResources } from "./select.ts";

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
  const asJson = operations.map((one) => (one.value === undefined ? one : { ...one, value: jsonValue(one.value) }));
  const selected = selectResources(set, selector);
  const weight = asJson.reduce((sum, { value }) => sum + (value === undefined ? 0 : weightOf(value)), 0);
  set.budget.spread(weight, selected.length);
  for (const resource of selected) {
    if (remember) rememberId(resource, set.scope);
    // kustomize writes the object out and reads it again, which makes all its parts new ones, and blanks written nulls.
    resource.value = throughJson(resource.value);
    resource.links = [];
    withConflicts(set, resource, undefined, () =>
      applyJsonPatch(resource.value, asJson, (value) => set.budget.copyOf(value)),
    );
    quoteTexts(resource.value);
  }
  set.idsChanged();
}

/** The object as it is after JSON, which has no integers beyond those that a number holds. */
function throughJson(map: ValueMap): ValueMap {
  const copy = newMap();
  for (const key in map) copy[key] = jsonValue(map[key] ?? null);
  return copy;
}

/** Notes which texts stand in quotes when the object is written out. */
function quoteTexts(value: Value): void {
  if (isList(value)) for (const item of value) quoteTexts(item);
  else if (isMap(value)) {
    for (const key in value) {
      const member = value[key] ?? null;
      if (typeof member !== "string") quoteTexts(member);
      else if (!isWrittenPlain(member)) noteQuoted(value, key);
    }
  }
}

function jsonValue(value: Value): Value {
  if (isList(value)) return value.map(jsonValue);
  if (isMap(value)) return throughJson(value);
  return typeof value === "bigint" ? Number(value) : value;
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
  const kind = target.value.kind ?? "";
  const name = metadataOf(target).name ?? "";
  const namespace = namespaceOf(target);
  const renames = options.allowNameChange || options.allowKindChange;
  if (renames) rememberId(target, set.scope);
  const remains = withConflicts(set, target, source, () => mergeStrategic(target.value, patch, find));
  if (!remains) {
    target.value = newMap();
    return;
  }
  if (!options.allowKindChange) target.value.kind = kind;
  if (!options.allowNameChange) metadataOf(target).name = name;
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
