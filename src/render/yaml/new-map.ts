import type { YamlMap } from "./value.ts";

/**
 * The class of the maps that are read. Its prototype inherits nothing and holds nothing, so that `__proto__` and
 * `constructor` are keys like any other; unlike an object without a prototype, an instance is as fast as a literal.
 */
class PlainMap {
  [key: string]: never;
}
Object.setPrototypeOf(PlainMap.prototype, null);
Reflect.deleteProperty(PlainMap.prototype, "constructor");
Object.freeze(PlainMap.prototype);

/** An empty map in which every key is plain data. */
export const newMap = (): YamlMap => new PlainMap();
