import { splitPath } from "./fieldspecs/field-spec.ts";
import { isList, isMap, textOf, type Value, writtenText } from "./value.ts";

/**
 * The steps of a path with `.` between: names of fields, indices, `[key=value]` for elements of a list, `*` for all.
 * Dots between brackets belong to the step, and so does a dot after a backslash.
 * Source: sigs.k8s.io/kustomize/kyaml/utils `SmarterPathSplitter`.
 */
export function parseFieldPath(path: string): readonly string[] {
  const pieces = splitPath(path, ".");
  const steps: string[] = [];
  for (let index = 0; index < pieces.length; index++) {
    const piece = pieces[index] ?? "";
    if (!piece.startsWith("[") || piece.endsWith("]")) {
      steps.push(piece);
      continue;
    }
    let last = index + 1;
    while (last < pieces.length - 1 && !pieces[last]?.endsWith("]")) last++;
    const bracketed = pieces.slice(index, last + 1).join(".");
    steps.push(bracketed.includes("=") ? bracketed : bracketed.replace(/^[[\]]+|[[\]]+$/g, ""));
    index = last;
  }
  return steps;
}

/** `key=value` between brackets, apart; undefined where a step is none. An empty key means elements that are scalars. */
export function parseElementStep(step: string): { readonly key: string; readonly value: string } | undefined {
  if (!step.startsWith("[") || !step.endsWith("]")) return undefined;
  const inner = step.slice(1, -1);
  const equals = inner.indexOf("=");
  return equals < 0 ? undefined : { key: inner.slice(0, equals), value: inner.slice(equals + 1) };
}

/** Tells whether a step is an index of a list. */
export function isIndex(step: string): boolean {
  return /^\+?\d+$/.test(step);
}

/** A path that does not fit a value. */
export class FieldPathInvalid extends Error {
  constructor(message: string) {
    super(message);
    this.name = "FieldPathInvalid";
  }
}

/** The one value at a path; undefined where a step is missing. Throws `FieldPathInvalid` where a step does not fit. */
export function lookup(value: Value, steps: readonly string[]): Value | undefined {
  let current: Value | undefined = value;
  for (const raw of steps) {
    const step = raw.trim();
    if (step === "") continue;
    if (current === undefined || current === null) return undefined;
    current = stepInto(current, step);
  }
  return current;
}

/** The text of the scalar at a path as it was written; empty where there is none. Throws as `lookup` does. */
export function lookupText(value: Value, steps: readonly string[]): string {
  const found = lookup(value, steps);
  const parent = lookup(value, steps.slice(0, -1)) ?? null;
  const last = steps.at(-1)?.trim() ?? "";
  if (isMap(parent)) return writtenText(parent, last);
  return isList(parent) && isIndex(last) ? writtenText(parent, Number(last)) : textOf(found);
}

function stepInto(value: Value, step: string): Value | undefined {
  const element = parseElementStep(step);
  if (step === "*") throw new FieldPathInvalid("wildcard is not supported in PathGetter");
  if (element === undefined && step.startsWith("[")) {
    throw new FieldPathInvalid("list path element must contain fieldName=fieldValue for element to match");
  }
  if (element !== undefined || step === "-" || isIndex(step)) {
    if (!isList(value)) throw new FieldPathInvalid(`'${step}' asks for a list`);
    if (step === "-") return value.at(-1);
    if (element === undefined) return value[Number(step)];
    return value.find(
      (item) => textOf(element.key === "" ? item : isMap(item) ? item[element.key] : undefined) === element.value,
    );
  }
  if (!isMap(value)) throw new FieldPathInvalid(`'${step}' asks for a map`);
  return value[step];
}
