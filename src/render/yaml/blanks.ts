import type { YamlMap } from "./value.ts";

const blanks: unique symbol = Symbol("blanks");

/** A map that knows which of its keys have nothing written behind them. */
interface WithBlanks {
  [blanks]?: Set<string>;
}

/** Notes that nothing is written behind a key: that is null, but not a null that kustomize keeps when it merges. */
export function noteBlank(map: YamlMap & WithBlanks, key: string): void {
  map[blanks] ??= new Set();
  map[blanks].add(key);
}

/** Gives a copy of a map the blanks of the original. */
export function copyBlanks(to: YamlMap & WithBlanks, from: YamlMap & WithBlanks): void {
  if (from[blanks] !== undefined) to[blanks] = new Set(from[blanks]);
}

/** Whether nothing was written behind a key when the map was read. */
export function isBlank(map: YamlMap & WithBlanks, key: string): boolean {
  return map[blanks]?.has(key) === true;
}
