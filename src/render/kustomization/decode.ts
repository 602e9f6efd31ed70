import { isList, isMap, isScalar, nodeKind, type Value } from "../value/value.ts";
import { formatNumber } from "../yaml/index.ts";
import { closest } from "./closest.ts";

/** A path to a place within a document. */
export type Path = readonly (string | number)[];

/** Where a decoder stands, and to whom it tells what is wrong. */
export interface At {
  readonly path: Path;
  readonly report: (path: Path, message: string, hint?: string) => void;
  /** Whether fields that are not known are wrong; plugins' configurations have fields of their own. */
  readonly strict: boolean;
}

/** Narrows a value to what a field holds; undefined where it holds nothing, or where it is wrong and was reported. */
export interface Decoder<T> {
  (value: Value, at: At): T | undefined;
  /** What an entry of a list or a map is that is there with nothing behind it: what Go has for nothing. */
  readonly nothing?: T;
}

type Decoded<D> = D extends Decoder<infer T> ? T : never;

/** What `object` decodes to: every field may be missing. */
export type DecodedFields<F> = { readonly [K in keyof F]?: Decoded<F[K]> };

const below = (at: At, key: string | number): At => ({ ...at, path: [...at.path, key] });

function scalar<T extends Value>(expected: string, nothing: T, is: (value: Value) => value is T): Decoder<T> {
  const decode = (value: Value, at: At): T | undefined => {
    if (value === null) return undefined;
    if (is(value)) return value;
    const quote = expected === "a string" && !isMap(value) && !isList(value) ? "put it in quotes" : undefined;
    at.report(at.path, `expected ${expected}, found ${nodeKind(value)}`, quote);
    return undefined;
  };
  return Object.assign(decode, { nothing });
}

const strictText = scalar("a string", "", (value) => typeof value === "string");

/**
 * A string. Numbers and booleans are taken for one in the configurations of plugins, and not in a kustomization, as in
 * kustomize.
 */
export const text: Decoder<string> = Object.assign(
  (value: Value, at: At) => strictText(at.strict || !isScalar(value) ? value : goText(value), at),
  { nothing: "" },
);

const goText = (value: boolean | number | bigint | string): string =>
  typeof value === "number" || typeof value === "bigint" ? formatNumber(value) : String(value);

/** `true` or `false`. */
export const flag: Decoder<boolean> = scalar("true or false", false, (value) => typeof value === "boolean");

/** A whole number. */
export const whole: Decoder<number> = scalar(
  "a whole number",
  0,
  (value): value is number => typeof value === "number" && Number.isInteger(value),
);

/** Anything at all. */
export const anything: Decoder<Value> = (value) => value ?? undefined;

/** A list; an entry with nothing after its dash counts as an empty one, which is mostly wrong and then reported. */
export function listOf<T>(element: Decoder<T>): Decoder<readonly T[]> {
  return (value, at) => {
    if (value === null) return undefined;
    if (!isList(value)) return wrong(at, "a list", value);
    return value
      .map((item, index) => (item === null ? element.nothing : undefined) ?? element(item, below(at, index)))
      .filter((item) => item !== undefined);
  };
}

/** A list whose entries must all have something behind their dashes. */
export function listOfPresent<T>(element: Decoder<T>): Decoder<readonly T[]> {
  return listOf((value, at) => {
    if (value === null) at.report(at.path, "an entry with nothing after its dash", "fill it in, or remove the dash");
    return element(value, at);
  });
}

/** A map from any key. */
export function mapOfAny<T>(element: Decoder<T>): Decoder<ReadonlyMap<string, T>> {
  return (value, at) => {
    if (value === null) return undefined;
    if (!isMap(value)) return wrong(at, "a map", value);
    const members = new Map<string, T>();
    for (const key of Object.keys(value)) {
      const found = value[key] ?? null;
      const member = found === null ? element.nothing : element(found, below(at, key));
      if (member !== undefined) members.set(key, member);
    }
    return members;
  };
}

/**
 * A map with these fields, their names in any letter case as kustomize takes them. Fields that are not known are
 * reported with the name they may have meant.
 */
export function object<F extends Readonly<Record<string, Decoder<unknown>>>>(fields: F): Decoder<DecodedFields<F>> {
  const names = Object.keys(fields);
  const byLowerCase = new Map(names.map((name) => [name.toLowerCase(), name]));
  const decode = (value: Value, at: At): DecodedFields<F> | undefined => {
    if (value === null) return undefined;
    if (!isMap(value)) return wrong(at, "a map", value);
    const found: Record<string, unknown> = {};
    for (const key of Object.keys(value).sort()) {
      const name = Object.hasOwn(fields, key) ? key : byLowerCase.get(key.toLowerCase());
      if (name !== undefined) assign(found, name, fields[name]?.(value[key] ?? null, below(at, key)));
      else if (at.strict) at.report([...at.path, key], `unknown field "${key}"`, meant(key, names));
    }
    return found as DecodedFields<F>;
  };
  return Object.assign(decode, { nothing: {} });
}

function assign(found: Record<string, unknown>, name: string, member: unknown): void {
  if (member !== undefined) found[name] = member;
}

function wrong(at: At, expected: string, value: Value): undefined {
  at.report(at.path, `expected ${expected}, found ${nodeKind(value)}`);
}

function meant(key: string, names: readonly string[]): string | undefined {
  const name = closest(key, names);
  return name === undefined ? undefined : `did you mean "${name}"?`;
}
