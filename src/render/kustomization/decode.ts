import { isList, isMap, nodeKind, type Value } from "../value.ts";
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
export type Decoder<T> = (value: Value, at: At) => T | undefined;

type Decoded<D> = D extends Decoder<infer T> ? T : never;

/** What `object` decodes to: every field may be missing. */
export type DecodedFields<F> = { readonly [K in keyof F]?: Decoded<F[K]> };

const below = (at: At, key: string | number): At => ({ ...at, path: [...at.path, key] });

function scalar<T extends Value>(expected: string, is: (value: Value) => value is T): Decoder<T> {
  return (value, at) => {
    if (value === null) return undefined;
    if (is(value)) return value;
    const quote = expected === "a string" && !isMap(value) && !isList(value) ? "put it in quotes" : undefined;
    at.report(at.path, `expected ${expected}, found ${nodeKind(value)}`, quote);
    return undefined;
  };
}

/** A string; numbers and booleans are not taken for one, as kustomize does not either. */
export const text: Decoder<string> = scalar("a string", (value) => typeof value === "string");

/** `true` or `false`. */
export const flag: Decoder<boolean> = scalar("true or false", (value) => typeof value === "boolean");

/** A whole number. */
export const whole: Decoder<number> = scalar(
  "a whole number",
  (value): value is number => typeof value === "number" && Number.isInteger(value),
);

/** Anything at all. */
export const anything: Decoder<Value> = (value) => value ?? undefined;

/** A list. */
export function listOf<T>(element: Decoder<T>): Decoder<readonly T[]> {
  return (value, at) => {
    if (value === null) return undefined;
    if (!isList(value)) return wrong(at, "a list", value);
    return value.map((item, index) => element(item, below(at, index))).filter((item) => item !== undefined);
  };
}

/** A map from any key. */
export function mapOfAny<T>(element: Decoder<T>): Decoder<ReadonlyMap<string, T>> {
  return (value, at) => {
    if (value === null) return undefined;
    if (!isMap(value)) return wrong(at, "a map", value);
    const found = new Map<string, T>();
    for (const key of Object.keys(value)) {
      const member = element(value[key] ?? null, below(at, key));
      if (member !== undefined) found.set(key, member);
    }
    return found;
  };
}

/**
 * A map with these fields, their names in any letter case as kustomize takes them. Fields that are not known are
 * reported with the name they may have meant.
 */
export function object<F extends Readonly<Record<string, Decoder<unknown>>>>(fields: F): Decoder<DecodedFields<F>> {
  const names = Object.keys(fields);
  const byLowerCase = new Map(names.map((name) => [name.toLowerCase(), name]));
  return (value, at) => {
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
