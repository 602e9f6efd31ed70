import { isList, isMap, kindOf, refusal, truth, type Value } from "../value.ts";
import { atLeast, exactly, type TemplateFunction } from "./arguments.ts";

/** Go's comparisons and logic (text/template/funcs.go), and sprig's ways to choose a value. */
export const comparisons: Readonly<Record<string, TemplateFunction>> = {
  and: atLeast(1, (args) => args.find((value) => !truth(value)) ?? args.at(-1)),
  or: atLeast(1, (args) => args.find(truth) ?? args.at(-1)),
  not: exactly(1, ([value]) => !truth(value)),
  eq: atLeast(2, ([value, ...others]) => others.some((other) => order(value, other, true) === 0)),
  ne: exactly(2, ([a, b]) => order(a, b, true) !== 0),
  lt: exactly(2, ([a, b]) => order(a, b) < 0),
  le: exactly(2, ([a, b]) => order(a, b) <= 0),
  gt: exactly(2, ([a, b]) => order(a, b) > 0),
  ge: exactly(2, ([a, b]) => order(a, b) >= 0),
  default: atLeast(1, ([fallback, given]) => (truth(given) ? given : fallback)),
  empty: exactly(1, ([value]) => !truth(value)),
  coalesce: atLeast(0, (args) => args.find(truth) ?? null),
  ternary: exactly(3, ([yes, no, condition]) => {
    if (typeof condition !== "boolean") throw refusal(`a boolean is needed, not a ${kindOf(condition)}`);
    return condition ? yes : no;
  }),
  fail: exactly(1, () => {
    // The message is left out: a template can print a value into it.
    throw refusal("the template stopped itself with fail");
  }),
};

/** Which comes first; values of different kinds cannot be compared, and booleans only for being the same. */
function order(a: Value, b: Value, onlyEquality = false): number {
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : Number(a > b);
  if (isNumber(a) && isNumber(b) && typeof a === typeof b) return a < b ? -1 : Number(a > b);
  const plain = !isList(a) && !isMap(a) && !isList(b) && !isMap(b);
  const nothing = a === null || b === null;
  if (onlyEquality && plain && (nothing || (typeof a === "boolean" && typeof b === "boolean"))) return Number(a !== b);
  throw refusal(`a ${kindOf(a)} cannot be compared with a ${kindOf(b)}`);
}

function isNumber(value: Value): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}
