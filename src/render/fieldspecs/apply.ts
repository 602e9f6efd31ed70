import { isSelected, splitApiVersion } from "../resource/res-id.ts";
import { apiVersionOf, kindOf, type Resource } from "../resource/resource.ts";
import { isList, isMap, newMap, nodeKind, type Value, type ValueMap } from "../value/value.ts";
import type { FieldSpec, PathStep } from "./field-spec.ts";

/** What is made where a field is missing: nothing, an empty map, or a scalar that is about to be set. */
export type Creates = "nothing" | "map" | "scalar";

/** Changes a field: `parent[key]`, which may hold null, or undefined where a scalar is about to be made. */
export type Change = (parent: ValueMap | Value[], key: string | number) => void;

/** A path of a field spec that does not fit an object; the caller says which object. */
export class FieldPathMismatch extends Error {
  readonly path: string;

  constructor(message: string, path: string) {
    super(message);
    this.name = "FieldPathMismatch";
    this.path = path;
  }
}

/** Tells whether a field spec is meant for the kind an object has now. */
function appliesTo(spec: FieldSpec, resource: Resource): boolean {
  if (!spec.kind && !spec.group && !spec.version) return true;
  if (spec.kind && spec.kind !== kindOf(resource)) return false;
  const [group, version] = splitApiVersion(apiVersionOf(resource));
  return isSelected({ group, version, kind: kindOf(resource) }, spec);
}

/**
 * Calls `change` for every field that a spec leads to in an object it is meant for.
 * Throws `FieldPathMismatch` where the path leads through a scalar.
 * Source: sigs.k8s.io/kustomize/api/filters/fieldspec.
 */
export function applyFieldSpec(resource: Resource, spec: FieldSpec, creates: Creates, change: Change): void {
  if (!appliesTo(spec, resource)) return;
  changeAlong(resource.value, { steps: spec.steps, spec, creates: spec.create ? creates : "nothing", change }, 0);
}

interface Walk {
  readonly steps: readonly PathStep[];
  readonly spec: FieldSpec;
  readonly creates: Creates;
  readonly change: Change;
}

function changeAlong(parent: ValueMap, walk: Walk, index: number): void {
  const step = walk.steps[index];
  if (step === undefined || step.name === "") {
    throw new FieldPathMismatch("cannot set or create a field without a name", walk.spec.path);
  }
  if (step.asksForList) {
    throw new FieldPathMismatch(
      `'${step.name}' is not a field name: lists are traversed automatically`,
      walk.spec.path,
    );
  }
  const last = index === walk.steps.length - 1;
  const found = parent[step.name];
  if (step.list || walk.creates === "nothing") {
    if (found === undefined) return;
    if (found === null && step.list) parent[step.name] = [];
  } else if ((found === undefined || found === null) && !(last && walk.creates === "scalar")) {
    parent[step.name] = newMap();
  }
  if (last) walk.change(parent, step.name);
  else descend(parent[step.name], walk, index + 1);
}

function descend(value: Value | undefined, walk: Walk, index: number): void {
  if (value === undefined || value === null) return;
  if (isMap(value)) {
    changeAlong(value, walk, index);
    return;
  }
  if (!isList(value)) {
    throw new FieldPathMismatch(`expected a list or a map, found ${nodeKind(value)}`, walk.spec.path);
  }
  for (const element of value) descend(element, walk, index);
}
