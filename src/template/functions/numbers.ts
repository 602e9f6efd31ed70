import { goInteger, valueOfInteger } from "../syntax/go-integer.ts";
import { isList, isMap, templateError, type Value } from "../value.ts";
import { atLeast, exactly, string, type TemplateFunction } from "./arguments.ts";

/** sprig's integer arithmetic: every argument is converted to an integer, and counts as zero where it is none. */
export const numbers: Readonly<Record<string, TemplateFunction>> = {
  int: exactly(1, ([value]) => integer(value)),
  int64: exactly(1, ([value]) => integer(value)),
  atoi: exactly(1, ([text]) => inRange(/^[+-]?\d+$/.exec(string(text))?.[0])),
  float64: exactly(1, ([value]) => float(value)),
  add: atLeast(0, (args) => args.map(integer).reduce((sum, value) => wrap(sum + value), 0n)),
  add1: exactly(1, ([value]) => wrap(integer(value) + 1n)),
  sub: exactly(2, ([a, b]) => wrap(integer(a) - integer(b))),
  mul: atLeast(1, (args) => args.map(integer).reduce((product, value) => wrap(product * value), 1n)),
  div: exactly(2, ([a, b]) => wrap(integer(a) / divisor(b))),
  mod: exactly(2, ([a, b]) => integer(a) % divisor(b)),
  max: atLeast(1, (args) => args.map(integer).toSorted(ascending).at(-1)),
  min: atLeast(1, (args) => args.map(integer).toSorted(ascending).at(0)),
};

function ascending(a: bigint, b: bigint): number {
  return a < b ? -1 : Number(a > b);
}

function integer(value: Value): bigint {
  if (typeof value === "bigint") return value;
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (typeof value === "number") return truncated(value);
  return typeof value === "string" ? integerOfText(value) : 0n;
}

/** `strconv.ParseInt` with base 0, as github.com/spf13/cast calls it: prefixes count, a leading zero means octal. */
function integerOfText(text: string): bigint {
  const [, sign = "", digits = ""] = /^([+-]?)([^+-].*)$/s.exec(text.replace(/\.0+$/, "")) ?? [];
  if (!goInteger.test(digits)) return 0n;
  const value = valueOfInteger(digits);
  return inInt64(sign === "-" ? -value : value);
}

function inRange(decimal: string | undefined): bigint {
  return decimal === undefined ? 0n : inInt64(BigInt(decimal.replace(/^\+/, "")));
}

/** Zero for what 64 bits do not hold. */
function inInt64(value: bigint): bigint {
  return wrap(value) === value ? value : 0n;
}

function truncated(value: number): bigint {
  // What Go makes of it depends on the processor.
  if (!(Math.abs(value) < 2 ** 63)) throw templateError("a float is too large for an integer");
  return BigInt(Math.trunc(value));
}

/** `strconv.ParseFloat`, as github.com/spf13/cast calls it. */
function float(value: Value): number {
  if (typeof value !== "string") return Number(isList(value) || isMap(value) ? 0 : (value ?? 0));
  const number = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/.test(value) ? Number(value) : 0;
  return Number.isFinite(number) ? number : 0;
}

function divisor(value: Value): bigint {
  const by = integer(value);
  if (by === 0n) throw templateError("a division by zero");
  return by;
}

/** 64 bits, as Go's int64. */
function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
