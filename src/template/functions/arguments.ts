import { isList, isMap, kindOf, print, templateError, type Value } from "../value.ts";

/** What may differ from one use of templates to the next. */
export interface TemplateOptions {
  readonly limits: TemplateLimits;
  /** Set where messages must not hold a value: then one that a template puts together itself (`fail`) is left out. */
  readonly hidesValues: boolean;
}

/** How much one template may do. */
export interface TemplateLimits {
  /** Bytes that it may write; no function makes a longer string than this at once. */
  readonly output: number;
  /** Iterations of all its `range` together. */
  readonly iterations: number;
  /** Bytes and list items that its functions may make in all, since a variable can keep them. */
  readonly intermediate: number;
}

/** A function of templates: how many arguments it takes, and what it does with them. */
export interface TemplateFunction {
  readonly minArgs: number;
  readonly maxArgs: number;
  run(args: readonly Value[], options: TemplateOptions): Value;
}

/** A function of exactly so many arguments. */
export function exactly(count: number, run: TemplateFunction["run"]): TemplateFunction {
  return { minArgs: count, maxArgs: count, run };
}

/** A function of so many arguments or more. */
export function atLeast(count: number, run: TemplateFunction["run"]): TemplateFunction {
  return { minArgs: count, maxArgs: Number.POSITIVE_INFINITY, run };
}

/** The argument as a string, which Go demands where a function's parameter is one. */
export function string(value: Value): string {
  if (typeof value !== "string") throw templateError(`a string is needed, not ${kindOf(value)}`);
  return value;
}

/** The argument as a list. */
export function list(value: Value): readonly Value[] {
  if (!isList(value)) throw templateError(`a list is needed, not ${kindOf(value)}`);
  return value;
}

/** The argument as a map. */
export function map(value: Value): ReadonlyMap<string, Value> {
  if (!isMap(value)) throw templateError(`a map is needed, not ${kindOf(value)}`);
  return value;
}

/** The argument as a whole number small enough to count with. */
export function count(value: Value): number {
  const whole = typeof value === "bigint" ? Number(value) : undefined;
  if (whole === undefined || !Number.isSafeInteger(whole))
    throw templateError(`an integer is needed, not ${kindOf(value)}`);
  return whole;
}

/** The argument as sprig's `strval` makes it a string: as printed. */
export function printed(value: Value): string {
  return typeof value === "string" ? value : print(value);
}

/** The arguments that are something, as sprig's `removeNilElements`. */
export function withoutNil(values: readonly Value[]): readonly Value[] {
  return values.filter((value) => value !== undefined && value !== null);
}

/** Go's `Sprint` puts a space between two arguments only where neither is a string. */
export function sprint(args: readonly Value[]): string {
  return args
    .map((value, index) => {
      const before = args[index - 1];
      const spaced = index > 0 && typeof before !== "string" && typeof value !== "string";
      return (spaced ? " " : "") + print(value);
    })
    .join("");
}
