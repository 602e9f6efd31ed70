import type { Failure } from "../../../model/failure.ts";
import { PatternInvalid } from "../../../model/text/pattern.ts";
import type { FieldOptions, ReplacementInput, Selector } from "../../kustomization/fields.ts";
import type { ResId } from "../../resource/res-id.ts";
import { metaTexts, type Resource } from "../../resource/resource.ts";
import type { ResourceSet } from "../../resource/resource-set.ts";
import { FieldPathInvalid, lookupKey, parseFieldPath } from "../../value/field-path.ts";
import { cloneValue, isList, isMap, isScalar, newMap, textOf, type Value, writtenText } from "../../value/value.ts";
import { noteSpelling } from "../../yaml/index.ts";
import { type CompiledSelector, compileSelector } from "../select/select.ts";
import { findSlots, type Slot, setSlot, slotValue } from "../slots.ts";
import { withPartAt } from "./delimited.ts";
import { dropNotes, showAnnotations } from "./notes.ts";
import { inObject, invalid, problem } from "./problems.ts";
import { writeText, writeUntyped } from "./scalar-slot.ts";
import { type Copied, idsOf, readSource } from "./source.ts";
import { changeStructuredText, SeveralDocuments } from "./structured-text.ts";

type TargetInput = NonNullable<ReplacementInput["targets"]>[number];

/**
 * Copies the value of a field of one object, or a fixed one, to fields of others.
 * Throws `Failure` (KustomizationInvalid, RenderFailed) where source or target cannot be found, or do not fit.
 * Source: sigs.k8s.io/kustomize/api/filters/replacement.
 */
export function replaceFields(set: ResourceSet, replacement: ReplacementInput): void {
  const { source, sourceValue, targets } = replacement;
  if ((source === undefined && sourceValue === undefined) || targets === undefined) {
    throw invalid("replacements must specify a source and at least one target");
  }
  if (source !== undefined && sourceValue !== undefined) {
    throw invalid("value and resource selectors are mutually exclusive");
  }
  const copied =
    source === undefined
      ? { value: sourceValue ?? "", text: textOf(sourceValue), untyped: true }
      : readSource(set, source);
  for (const target of targets) replaceTarget(set, copied, target);
  set.idsChanged();
}

function replaceTarget(set: ResourceSet, copied: Copied, target: TargetInput): void {
  if (target.select === undefined) throw invalid("target must specify resources to select", "targets.select");
  const select = compileSelector(target.select);
  const reject = (target.reject ?? []).map((selector) => ({ selector, compiled: compileSelector(selector) }));
  const paths =
    target.fieldPaths === undefined || target.fieldPaths.length === 0 ? ["metadata.name"] : target.fieldPaths;
  for (const resource of set.resources) {
    if (
      !hasLabels(select, resource) ||
      reject.some(({ selector, compiled }) => rejectsLabels(selector, compiled, resource))
    ) {
      continue;
    }
    const ids = idsOf(set, resource);
    if (reject.some(({ selector, compiled }) => namesObject(selector) && ids.some((id) => hasId(compiled, id))))
      continue;
    if (!ids.some((id) => hasId(select, id))) continue;
    for (const path of paths) {
      writeField({ set, resource, path, options: target.options ?? {} }, copied);
    }
  }
}

const hasId = (selector: CompiledSelector, id: ResId) =>
  selector.gvk(id) && selector.name(id.name) && selector.namespace(id.namespace);

const hasLabels = (selector: CompiledSelector, resource: Resource) =>
  selector.labels(metaTexts(resource, "labels")) && selector.annotations(metaTexts(resource, "annotations"));

const rejectsLabels = (selector: Selector, compiled: CompiledSelector, resource: Resource) =>
  Boolean(selector.labelSelector || selector.annotationSelector) && hasLabels(compiled, resource);

const namesObject = ({ group, version, kind, name, namespace }: Selector) =>
  Boolean(group || version || kind || name || namespace);

interface TargetField {
  readonly set: ResourceSet;
  readonly resource: Resource;
  readonly path: string;
  readonly options: FieldOptions;
}

function writeField(field: TargetField, copied: Copied): void {
  const { set, resource, path, options } = field;
  const steps = parseFieldPath(path);
  const fresh = newMap();
  const create = options.create ? () => fresh : undefined;
  if (writeInText(field, steps, copied)) return;
  showAnnotations(resource, path);
  const slots = inObject(set, resource, path, () => findSlots(resource.value, steps, create));
  if (slots.length === 0) {
    const action = options.create ? "find or create" : "find";
    throw problem(set, resource, path, `unable to ${action} field "${path}" in replacement target`);
  }
  for (const slot of slots) writeSlot(field, slot, copied, slotValue(slot) === fresh);
}

/** Where a path leads through a text that is YAML or JSON itself, changes the field there; says whether it did. */
function writeInText(field: TargetField, steps: readonly string[], { value, text }: Copied): boolean {
  const { delimiter, index = 0, create = false } = field.options;
  const textFor = (found: string) => (delimiter ? withPartAt(found, delimiter, index, text) : text);
  const onText = (length: number) => field.set.budget.text(length);
  for (let length = 1; length < steps.length; length++) {
    const slot = textSlot(field.resource.value, steps.slice(0, length));
    if (slot === undefined) continue;
    try {
      const change = { steps: steps.slice(length), create, value, textFor, scalarsOnly: Boolean(delimiter), onText };
      setSlot(slot, changeStructuredText(textOf(slotValue(slot)), change));
      return true;
    } catch (thrown) {
      if (thrown instanceof SeveralDocuments) throw problemAt(field, thrown.message);
      if (thrown instanceof FieldPathInvalid || thrown instanceof PatternInvalid) return false;
      throw thrown;
    }
  }
  return false;
}

function textSlot(value: Value, steps: readonly string[]): Slot | undefined {
  try {
    const slot = lookupKey(value, steps);
    return slot !== undefined && typeof slotValue(slot) === "string" ? slot : undefined;
  } catch (thrown) {
    if (thrown instanceof FieldPathInvalid) return undefined;
    throw thrown;
  }
}

function writeSlot(field: TargetField, slot: Slot, { value, text, untyped }: Copied, fresh: boolean): void {
  field.set.budget.copyOf(value);
  const found = fresh ? "" : slotValue(slot);
  const { delimiter, index = 0 } = field.options;
  const holdsScalar = !isMap(found) && !isList(found);
  let copiedText = text;
  if (delimiter) {
    if (!holdsScalar) throw problemAt(field, "delimiter option can only be used with scalar nodes");
    const written = fresh ? "" : writtenText(slot.parent, slot.key);
    field.set.budget.text(written.length + text.length);
    copiedText = withPartAt(written, delimiter, index, text);
  }
  if (fresh && (isScalar(value) || delimiter)) writeUntyped(slot, copiedText);
  else if (fresh || !holdsScalar) {
    if (untyped) writeUntyped(slot, copiedText);
    else setSlot(slot, cloneValue(value));
    if (isScalar(value)) noteSpelling(slot.parent, slot.key, copiedText);
  } else writeText(slot, copiedText);
  dropNotes(field.resource, slot);
}

function problemAt({ set, resource, path }: TargetField, message: string): Failure {
  return problem(set, resource, path, message);
}
