import { isList, isMap, kindOf, print, refusal, type Value } from "../value.ts";

/** A function of templates: how many arguments it takes, and what it does with them. */
export interface TemplateFunction {
  readonly least: number;
  readonly most: number;
  run(args: readonly Value[]): Value;
}

/** A function of exactly so many arguments. */
export function exactly(count: number, run: TemplateFunction["run"]): TemplateFunction {
  return { least: count, most: count, run };
}

/** A function of so many arguments or more. */
export function atLeast(count: number, run: TemplateFunction["run"]): TemplateFunction {
  return { least: count, most: Number.POSITIVE_INFINITY, run };
}

/** The argument as a string, which Go demands where a function's parameter is one. */
export function string(value: Value): string {
  if (typeof value !== "string") throw refusal(`a string is needed, not a ${kindOf(value)}`);
  return value;
}

/** The argument as a list. */
export function list(value: Value): readonly Value[] {
  if (!isList(value)) throw refusal(`a list is needed, not a ${kindOf(value)}`);
  return value;
}

/** The argument as a map. */
export function map(value: Value): ReadonlyMap<string, Value> {
  if (!isMap(value)) throw refusal(`a map is needed, not a ${kindOf(value)}`);
  return value;
}

/** The argument as a whole number small enough to count with. */
export function count(value: Value): number {
  const whole = typeof value === "bigint" ? Number(value) : undefined;
  if (whole === undefined || !Number.isSafeInteger(whole))
    throw refusal(`an integer is needed, not a ${kindOf(value)}`);
  return whole;
}

/** The argument as sprig's `strval` makes it a string: as printed. */
export function printed(value: Value): string {
  return typeof value === "string" ? value : print(value);
}

/** The arguments that are something, as sprig's `removeNilElements`. */
export function present(values: readonly Value[]): readonly Value[] {
  return values.filter((value) => value !== undefined && value !== null);
}
