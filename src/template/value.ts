import { Failure } from "../model/failure.ts";

/**
 * A value in a Go template. Strings hold one byte per character (latin1), since Go's hold bytes: a sealed value need not
 * be UTF-8. Integers are bigint, floats number, `undefined` is Go's absent value, `null` its nil.
 */
export type Value =
  | string
  | bigint
  | number
  | boolean
  | null
  | undefined
  | readonly Value[]
  | ReadonlyMap<string, Value>;

/**
 * What ends work on a template. Messages name functions and kinds, never a value. It never leaves this room:
 * `renderTemplate` returns the message, and the caller decides about its code.
 */
export function templateError(message: string): Failure {
  return new Failure("RenderFailed", { message });
}

/** Go's `map[string]string`, in which `index` finds an empty string where a key is missing. */
export class StringMap extends Map<string, string> {}

/** Tells whether a value is a map; `instanceof` narrows a readonly union where `Map` alone would not. */
export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

/** Tells whether a value is a list. */
export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

/** The kind of a value for messages, with its article. */
export function kindOf(value: Value): string {
  if (value === undefined || value === null) return "nil";
  if (isList(value)) return "a list";
  if (isMap(value)) return "a map";
  switch (typeof value) {
    case "bigint":
      return "an integer";
    case "number":
      return "a float";
    default:
      return `a ${typeof value}`;
  }
}

/** What `if` and `with` go by: anything but false, zero, nothing, and an empty string, list or map. */
export function isTrue(value: Value): boolean {
  if (isList(value)) return value.length > 0;
  if (isMap(value)) return value.size > 0;
  return Boolean(value);
}

/** The value as `fmt.Sprint` of Go prints it with the verb %v. */
export function print(value: Value): string {
  if (value === undefined) return "<no value>";
  if (value === null) return "<nil>";
  if (isList(value)) return `[${value.map(print).join(" ")}]`;
  if (isMap(value))
    return `map[${sortedEntries(value)
      .map(([key, member]) => `${key}:${print(member)}`)
      .join(" ")}]`;
  return typeof value === "number" ? printFloat(value) : String(value);
}

/** Entries sorted by key, as Go's templates walk through maps. */
export function sortedEntries(map: ReadonlyMap<string, Value>): readonly (readonly [string, Value])[] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Text of the bytes a template string holds. */
export function toText(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** The bytes of a text, as a template string. */
export function fromText(text: string): string {
  return Buffer.from(text, "utf8").toString("latin1");
}

/** Go's %g: the fewest digits; an exponent, of two digits at least, below 1e-4 and from 1e6 on. */
function printFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e6)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Object.is(value, -0) ? "-0" : String(value);
}
