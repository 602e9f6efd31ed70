import { refusal, type Value } from "../value.ts";
import { atLeast, exactly, type TemplateFunction } from "./arguments.ts";

/** sprig's whole-number arithmetic; whatever it is given counts as the integer it can be read as, else as zero. */
export const numbers: Readonly<Record<string, TemplateFunction>> = {
  int: exactly(1, ([value]) => integer(value)),
  int64: exactly(1, ([value]) => integer(value)),
  atoi: exactly(1, ([value]) => integer(value)),
  float64: exactly(1, ([value]) => Number(value ?? 0) || 0),
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
  if (typeof value === "number") return Number.isFinite(value) ? wrap(BigInt(Math.trunc(value))) : 0n;
  return typeof value === "string" && /^[+-]?\d+$/.test(value) ? wrap(BigInt(value.replace(/^\+/, ""))) : 0n;
}

function divisor(value: Value): bigint {
  const by = integer(value);
  if (by === 0n) throw refusal("a division by zero");
  return by;
}

/** 64 bits, as Go's int64. */
function wrap(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}
