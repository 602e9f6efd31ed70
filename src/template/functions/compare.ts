import { isTrue, kindOf, templateError, type Value } from "../value.ts";
import { atLeast, exactly, string, type TemplateFunction } from "./arguments.ts";

/** Go's comparisons and logic (text/template/funcs.go), and sprig's defaults. */
export const comparisons: Readonly<Record<string, TemplateFunction>> = {
  and: atLeast(1, (args) => args.find((value) => !isTrue(value)) ?? args.at(-1)),
  or: atLeast(1, (args) => args.find(isTrue) ?? args.at(-1)),
  not: exactly(1, ([value]) => !isTrue(value)),
  eq: atLeast(2, ([value, ...others]) => others.some((other) => order(value, other, true) === 0)),
  ne: exactly(2, ([a, b]) => order(a, b, true) !== 0),
  lt: exactly(2, ([a, b]) => order(a, b) < 0),
  le: exactly(2, ([a, b]) => order(a, b) <= 0),
  gt: exactly(2, ([a, b]) => order(a, b) > 0),
  ge: exactly(2, ([a, b]) => order(a, b) >= 0),
  default: atLeast(1, ([fallback, given]) => (isTrue(given) ? given : fallback)),
  empty: exactly(1, ([value]) => !isTrue(value)),
  coalesce: atLeast(0, (args) => args.find(isTrue) ?? null),
  ternary: exactly(3, ([yes, no, condition]) => {
    if (typeof condition !== "boolean") throw templateError(`a boolean is needed, not ${kindOf(condition)}`);
    return condition ? yes : no;
  }),
  fail: exactly(1, ([message], { hidesValues }) => {
    // A template can print a value into its message.
    throw templateError(hidesValues ? "the template stopped itself with fail" : string(message));
  }),
};

/** Which comes first; values of different kinds cannot be compared, and booleans only for being the same. */
function order(a: Value, b: Value, onlyEquality = false): number {
  if (typeof a === "string" && typeof b === "string") return a < b ? -1 : Number(a > b);
  if (isNumber(a) && isNumber(b) && typeof a === typeof b) return a < b ? -1 : Number(a > b);
  if (onlyEquality && (isNil(a) || isNil(b))) return Number(isNil(a) !== isNil(b));
  if (onlyEquality && typeof a === "boolean" && typeof b === "boolean") return Number(a !== b);
  throw templateError(`${kindOf(a)} cannot be compared with ${kindOf(b)}`);
}

const isNil = (value: Value) => value === undefined || value === null;

function isNumber(value: Value): value is bigint | number {
  return typeof value === "bigint" || typeof value === "number";
}
