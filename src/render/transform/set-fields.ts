import { Failure } from "../../model/failure.ts";
import { applyFieldSpec, type Change, type Creates, FieldPathMismatch } from "../fieldspecs/apply.ts";
import type { FieldSpec } from "../fieldspecs/field-spec.ts";
import { describeResId } from "../resource/res-id.ts";
import { currentId, type Resource, type Scope } from "../resource/resource.ts";
import { plainScalar } from "../value/plain-scalar.ts";
import { isList, isMap, nodeKind, type Value, type ValueMap } from "../value/value.ts";
import { isQuoted, noteSpelling, noteUntyped } from "../yaml/index.ts";

/** How fields are changed: what is made where one is missing, and what becomes of it. */
export interface FieldChange {
  readonly scope: Scope;
  readonly creates: Creates;
  readonly change: Change;
}

/** Changes the fields of an object that the specs lead to. Throws `Failure` (RenderFailed) where a path does not fit. */
export function changeFields(resource: Resource, specs: readonly FieldSpec[], how: FieldChange): void {
  for (const spec of specs) {
    try {
      applyFieldSpec(resource, spec, how.creates, how.change);
    } catch (thrown) {
      if (!(thrown instanceof FieldPathMismatch)) throw thrown;
      throw mismatch(resource, how.scope, thrown);
    }
  }
}

function mismatch(resource: Resource, scope: Scope, thrown: FieldPathMismatch): Failure {
  return new Failure("RenderFailed", {
    message: thrown.message,
    object: describeResId(currentId(resource, scope)),
    field: thrown.path,
    ...resource.origin,
  });
}

/** The member of a map or an element of a list. */
export function memberOf(parent: ValueMap | Value[], key: string | number): Value | undefined {
  return isList(parent) ? parent[Number(key)] : parent[key];
}

/** Sets the member of a map or an element of a list. */
export function setMember(parent: ValueMap | Value[], key: string | number, value: Value): void {
  if (isList(parent)) parent[Number(key)] = value;
  else parent[key] = value;
}

/**
 * Sets a scalar by its text alone: in quotes where the old one stood in quotes, otherwise it is what it looks like, a
 * number for example. So kustomize sets names. Throws `FieldPathMismatch` where a map or list stands.
 */
export function setUntyped(parent: ValueMap | Value[], key: string | number, text: string): void {
  if (isQuoted(parent, key)) {
    setScalar(parent, key, text);
    return;
  }
  setScalar(parent, key, plainScalar(text));
  noteSpelling(parent, key, text);
  noteUntyped(parent, key);
}

/** Sets a scalar. Throws `FieldPathMismatch` where a map or list stands. */
export function setScalar(parent: ValueMap | Value[], key: string | number, value: Value): void {
  const found = memberOf(parent, key);
  if (found !== undefined && (isMap(found) || isList(found))) {
    throw new FieldPathMismatch(`expected a scalar, found ${nodeKind(found)}`, String(key));
  }
  setMember(parent, key, value);
}
