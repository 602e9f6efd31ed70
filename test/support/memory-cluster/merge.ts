import { isObject, type Json } from "../../../src/model/json/json.ts";
import { childrenOf, type FieldPath } from "./field-set.ts";

/** Puts what one side wants into what there is: maps and lists with keys one by one, everything else as a whole. */
export function merged(live: Json | undefined, wanted: Json, path: FieldPath = []): Json {
  const [before, after] = [childrenOf(live, path), childrenOf(wanted, path)];
  if (before === undefined || after === undefined) return wanted;
  const children = new Map<string, Json>(before);
  for (const [step, child] of after) children.set(step, merged(children.get(step), child, [...path, step]));
  return assembled(wanted, children);
}

/** The value without a field; maps and lists that this leaves empty go with it. */
export function without(value: Json, [step, ...rest]: FieldPath, path: FieldPath = []): Json | undefined {
  const children = new Map(childrenOf(value, path));
  const child = step === undefined ? undefined : children.get(step);
  if (step === undefined || child === undefined) return value;
  const left = rest.length === 0 || rest[0] === "." ? undefined : without(child, rest, [...path, step]);
  if (left === undefined) children.delete(step);
  else children.set(step, left);
  return children.size === 0 && path.length > 0 ? undefined : assembled(value, children);
}

function assembled(like: Json, children: ReadonlyMap<string, Json>): Json {
  if (!isObject(like)) return [...children.values()];
  return Object.fromEntries([...children].map(([step, child]) => [step.slice(2), child]));
}
