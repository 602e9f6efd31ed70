import type { KubeObject } from "../../model/manifest.ts";

/**
 * What an object is looked up by: none, one or several keys. One function is one index, so it must be the same each time,
 * and answer the same for the same object.
 */
export type KeysOf = (object: KubeObject) => readonly string[];

/** Objects by their keys, kept current by whoever holds them: a look-up costs what it finds. */
export interface ObjectIndex {
  /** In the order in which they came; one that changed keeps its place. */
  of(key: string): readonly KubeObject[];
  /** `previous` is what stood under the same name, if anything did. */
  put(name: string, object: KubeObject, previous: KubeObject | undefined): void;
  remove(name: string, object: KubeObject): void;
}

/** An empty index; `name` tells the objects under one key apart. */
export function createObjectIndex(keysOf: KeysOf): ObjectIndex {
  const byKey = new Map<string, Map<string, KubeObject>>();
  const remove = (name: string, object: KubeObject, kept: ReadonlySet<string>): void => {
    for (const key of keysOf(object)) {
      const members = byKey.get(key);
      if (members === undefined || kept.has(key)) continue;
      members.delete(name);
      if (members.size === 0) byKey.delete(key);
    }
  };
  return {
    of: (key) => [...(byKey.get(key)?.values() ?? [])],
    put(name, object, previous) {
      const keys = new Set(keysOf(object));
      if (previous !== undefined) remove(name, previous, keys);
      for (const key of keys) {
        const members = byKey.get(key) ?? new Map<string, KubeObject>();
        byKey.set(key, members.set(name, object));
      }
    },
    remove: (name, object) => remove(name, object, new Set()),
  };
}
