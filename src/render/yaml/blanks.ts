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

/** Whether nothing was written behind a key when the map was read. Copies of a map do not know it any more. */
export function isBlank(map: YamlMap & WithBlanks, key: string): boolean {
  return map[blanks]?.has(key) === true;
}
