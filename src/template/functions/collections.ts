import { isList, isMap, kindOf, StringMap, templateError, type Value } from "../value.ts";
import { atLeast, count, exactly, list, map, printed, string, type TemplateFunction } from "./arguments.ts";
import { toJson } from "./json.ts";

/** Go's `len` and `index`, and sprig's lists and dicts. */
export const collections: Readonly<Record<string, TemplateFunction>> = {
  len: exactly(1, ([value]) => BigInt(lengthOf(value))),
  index: atLeast(1, ([value, ...steps]) => steps.reduce(step, value)),
  slice: { minArgs: 1, maxArgs: 3, run: ([value, from = 0n, to]) => sliceOf(list(value), count(from), to) },
  list: atLeast(0, (args) => args),
  tuple: atLeast(0, (args) => args),
  first: exactly(1, ([values]) => list(values)[0]),
  last: exactly(1, ([values]) => list(values).at(-1)),
  rest: exactly(1, ([values]) => list(values).slice(1)),
  initial: exactly(1, ([values]) => list(values).slice(0, -1)),
  append: exactly(2, ([values, value]) => [...list(values), value]),
  prepend: exactly(2, ([values, value]) => [value, ...list(values)]),
  concat: atLeast(0, (args) => args.flatMap(list)),
  reverse: exactly(1, ([values]) => list(values).toReversed()),
  uniq: exactly(1, ([values]) => [...new Map(list(values).map((value) => [identity(value), value])).values()]),
  has: exactly(2, ([value, values]) => list(values ?? []).some((member) => identity(member) === identity(value))),
  dict: atLeast(0, (args) => dict(args)),
  get: exactly(2, ([dictionary, key]) => map(dictionary).get(string(key)) ?? ""),
  hasKey: exactly(2, ([dictionary, key]) => map(dictionary).has(string(key))),
  values: exactly(1, ([dictionary]) => [...map(dictionary).values()]),
  keys: atLeast(1, (args) => args.flatMap((dictionary) => [...map(dictionary).keys()])),
};

function lengthOf(value: Value): number {
  if (typeof value === "string" || isList(value)) return value.length;
  if (isMap(value)) return value.size;
  throw templateError(`${kindOf(value)} has no length`);
}

/** One step of `index`: a missing key gives the zero value of the map's members, as in Go. */
function step(value: Value, key: Value): Value {
  if (isMap(value)) return value.get(string(key)) ?? (value instanceof StringMap ? "" : undefined);
  if (!isList(value) && typeof value !== "string") throw templateError(`${kindOf(value)} cannot be indexed`);
  const at = count(key);
  if (at < 0 || at >= value.length) throw templateError("index is out of range");
  return typeof value === "string" ? BigInt(value.charCodeAt(at)) : value[at];
}

/** sprig's `slice`, which stands in the place of Go's and takes lists only. */
function sliceOf(values: readonly Value[], from: number, to: Value): Value {
  if (values.length === 0) return null;
  const end = to === undefined ? values.length : count(to);
  if (from < 0 || end < from || end > values.length) throw templateError("slice is out of range");
  return values.slice(from, end);
}

function dict(args: readonly Value[]): Value {
  const pairs = new Map<string, Value>();
  for (let at = 0; at < args.length; at += 2) pairs.set(printed(args[at]), at + 1 < args.length ? args[at + 1] : "");
  return pairs;
}

/** Equal values, and only they, have equal identities. */
function identity(value: Value): string {
  return `${kindOf(value)} ${toJson(value, { escapeHtml: false })}`;
}
