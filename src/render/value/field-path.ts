import { splitPath } from "../fieldspecs/field-spec.ts";
import { isList, isMap, nodeText, textOf, type Value, type ValueMap } from "./value.ts";

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
  const found = lookupKey(value, steps);
  return found === undefined ? textOf(value) : nodeText(found.parent, found.key);
}

/** A member of a map or an item of a list, whether or not there is one. */
export type Place =
  | { readonly parent: ValueMap; readonly key: string }
  | { readonly parent: Value[]; readonly key: number };

/** The map or list that a path ends in, and the name or index there; undefined where there is none. Throws as `lookup` does. */
export function lookupKey(value: Value, steps: readonly string[]): Place | undefined {
  const last = steps.at(-1)?.trim() ?? "";
  if (last === "") return steps.length === 0 ? undefined : lookupKey(value, steps.slice(0, -1));
  const parent = lookup(value, steps.slice(0, -1)) ?? null;
  if (isMap(parent)) return isName(last) ? { parent, key: last } : undefined;
  return isList(parent) ? { parent, key: indexIn(parent, last) } : undefined;
}

const isName = (step: string): boolean =>
  step !== "*" && step !== "-" && !isIndex(step) && !(step.startsWith("[") && step.endsWith("]"));

function stepInto(value: Value, step: string): Value | undefined {
  if (step === "*") throw new FieldPathInvalid("wildcard is not supported in PathGetter");
  if (isName(step)) {
    if (!isMap(value)) throw new FieldPathInvalid(`'${step}' asks for a map`);
    return value[step];
  }
  if (!isList(value)) throw new FieldPathInvalid(`'${step}' asks for a list`);
  return value[indexIn(value, step)];
}

/** The index that a step means in a list; -1 where no item is meant. */
function indexIn(list: Value[], step: string): number {
  if (step === "-") return list.length - 1;
  if (isIndex(step)) return Number(step);
  const element = parseElementStep(step);
  if (element === undefined) {
    throw new FieldPathInvalid("list path element must contain fieldName=fieldValue for element to match");
  }
  const { key, value } = element;
  const isMeant = (item: Value, index: number) =>
    key === "" ? nodeText(list, index) === value : isMap(item) && key in item && nodeText(item, key) === value;
  return list.findIndex(isMeant);
}
