import type { YamlMap } from "./value.ts";

/**
 * The class of the maps that are read. Its prototype inherits nothing and holds nothing, so that `__proto__` and
 * `constructor` are keys like any other; unlike an object without a prototype, an instance is as fast as a literal.
 */
class PlainMap {
  [key: string]: never;
  /** Whether it stands in braces; private, and so no key of the map. */
  #flow = false;

  static isFlow(map: object): boolean {
    return #flow in map && map.#flow;
  }

  /** Tells whether it could be noted, which is so for maps of this class only. */
  static noteFlow(map: object, isFlow: boolean): boolean {
    if (!(#flow in map)) return false;
    map.#flow = isFlow;
    return true;
  }
}
Object.setPrototypeOf(PlainMap.prototype, null);
Reflect.deleteProperty(PlainMap.prototype, "constructor");
Object.freeze(PlainMap.prototype);

/** An empty map in which every key is plain data. */
export const newMap = (): YamlMap => new PlainMap();

/** Whether a map stands in braces, as was noted of it. */
export const isFlowMap = (map: object): boolean => PlainMap.isFlow(map);

/** Notes whether a map stands in braces; tells whether it could be noted, which is so for what `newMap` made. */
export const noteFlowMap = (map: object, isFlow: boolean): boolean => PlainMap.noteFlow(map, isFlow);
