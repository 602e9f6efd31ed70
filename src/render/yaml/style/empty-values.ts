import type { YamlMap } from "../value.ts";

const emptyValues: unique symbol = Symbol("empty values");

/** A map that knows which of its keys have nothing written behind them. */
interface WithEmptyValues {
  [emptyValues]?: Set<string>;
}

/** Notes that nothing is written behind a key: that is null, but not a null that kustomize keeps when it merges. */
export function noteEmptyValue(map: YamlMap & WithEmptyValues, key: string): void {
  map[emptyValues] ??= new Set();
  map[emptyValues].add(key);
}

/** Gives a copy of a map the empty values of the original. */
export function copyEmptyValues(to: YamlMap & WithEmptyValues, from: YamlMap & WithEmptyValues): void {
  if (from[emptyValues] !== undefined) to[emptyValues] = new Set(from[emptyValues]);
}

/** Whether nothing was written behind a key when the map was read. */
export function isEmptyValue(map: YamlMap & WithEmptyValues, key: string): boolean {
  return map[emptyValues]?.has(key) === true;
}
