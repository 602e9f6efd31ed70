import { withLargeIntegers } from "./large-integers.ts";

/**
 * Any JSON value. An integer that a `number` cannot hold exactly is a `bigint`, from where it is rendered or read to where
 * it is written, so that every digit arrives; it is a plain value like any other, which is compared with `===` and passes
 * through workers. `writeJson` and `parseJson` are the only way such values become text and back: JSON.stringify throws.
 */
export type Json = null | boolean | number | bigint | string | readonly Json[] | JsonObject;

/** A JSON object; keys absent or present, never `undefined` on the wire. */
export type JsonObject = { readonly [key: string]: Json | undefined };

/** What the language has and its types do not yet: https://github.com/tc39/proposal-json-parse-with-source */
declare global {
  interface JSON {
    rawJSON(text: string): unknown;
  }
}

/** Tells whether a value is a JSON object (not null, not an array). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object at a path of keys, or undefined where a step is missing or not an object. */
export function objectAt(value: unknown, ...path: readonly string[]): JsonObject | undefined {
  const found = valueAt(value, ...path);
  return isObject(found) ? found : undefined;
}

/** The string at a path of keys, or undefined where there is none. */
export function stringAt(value: unknown, ...path: readonly string[]): string | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** The number at a path of keys, or undefined where there is none. */
export function numberAt(value: unknown, ...path: readonly string[]): number | undefined {
  const found = valueAt(value, ...path);
  return typeof found === "number" ? found : undefined;
}

/** The list at a path of keys; empty where there is none. */
export function listAt(value: unknown, ...path: readonly string[]): readonly Json[] {
  const found = valueAt(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The member of a table or object that has this name of its own; `constructor` and what else all objects inherit is none. */
export function ownMember<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

/** The value at a path of own keys, or undefined where a step is missing. */
export function valueAt(value: unknown, ...path: readonly string[]): Json | undefined {
  let current: unknown = value;
  for (const key of path) {
    if (!isObject(current) || !Object.hasOwn(current, key)) return undefined;
    current = current[key];
  }
  return current as Json | undefined;
}

/**
 * The canonical text of a JSON value: keys sorted by code unit, no white space.
 * Equal values give equal texts whatever order their keys were written in, so digests are taken of it.
 */
export function canonicalJson(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (!isObject(value)) return writeJson(value ?? null);
  const members = Object.keys(value)
    .filter((key) => value[key] !== undefined)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key])}`);
  return `{${members.join(",")}}`;
}

/** The text of a JSON value, large integers digit for digit. `space` as for JSON.stringify. */
export function writeJson(value: unknown, space?: number | string): string {
  return JSON.stringify(value, exactly, space);
}

function exactly(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? JSON.rawJSON(value.toString()) : value;
}

/**
 * Reads a JSON text; integers that a number cannot hold exactly become `bigint`. It costs little more than JSON.parse, and
 * throws what JSON.parse throws, and a `SyntaxError` for an integer of more than 10,000 digits.
 */
export function parseJson(text: string): unknown {
  return withLargeIntegers(text, JSON.parse(text));
}
