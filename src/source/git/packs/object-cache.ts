import type { GitObject } from "./resolve-entry.ts";

/** Objects by offset, the least recently used dropped first when they take more than a number of bytes. */
export interface ObjectCache {
  readonly get: (offset: number) => GitObject | undefined;
  readonly set: (offset: number, object: GitObject) => void;
}

/** An empty cache. What would take more than a quarter of it is not kept. */
export function objectCache(maxBytes: number): ObjectCache {
  const objects = new Map<number, GitObject>();
  let bytes = 0;
  const drop = (offset: number, object: GitObject): void => {
    objects.delete(offset);
    bytes -= object.data.length;
  };
  return {
    get(offset) {
      const found = objects.get(offset);
      if (found === undefined) return undefined;
      objects.delete(offset);
      objects.set(offset, found);
      return found;
    },
    set(offset, object) {
      if (objects.has(offset) || object.data.length > maxBytes / 4) return;
      objects.set(offset, object);
      bytes += object.data.length;
      for (const [oldest, old] of objects) {
        if (bytes <= maxBytes) return;
        drop(oldest, old);
      }
    },
  };
}
