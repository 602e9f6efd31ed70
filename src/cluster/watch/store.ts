import type { KubeObject } from "../../model/manifest.ts";
import { compareVersions, isOlder } from "../../model/resource-version.ts";
import { estimatedBytes, type MemoryBudget, Reservation, unlimitedMemory } from "../http/memory-budget.ts";
import { createObjectIndex, type KeysOf, type ObjectIndex } from "./object-index.ts";

/** A change of one object. Where it was deleted, `object` is its last state. */
export type Change =
  | { readonly type: "added"; readonly object: KubeObject }
  | { readonly type: "modified"; readonly object: KubeObject; readonly previous: KubeObject }
  | { readonly type: "deleted"; readonly object: KubeObject };

/** The objects of one kind as last seen. Every method that writes returns the changes. */
export interface ObjectStore {
  get(namespace: string, name: string): KubeObject | undefined;
  all(): readonly KubeObject[];
  /** Those that have the key. The first look-up makes the index, which every write keeps from then on. */
  by(keysOf: KeysOf, key: string): readonly KubeObject[];
  put(object: KubeObject): readonly Change[];
  remove(object: KubeObject): readonly Change[];
  /** The object with the newest version seen, deleted ones included. */
  readonly newest: Newest | undefined;
  /**
   * Whether a list shows the past: an object in an older version than was seen, or an unknown one older than `complete`, the
   * version up to which every change was seen.
   */
  isBehind(objects: readonly KubeObject[], complete: string | undefined): boolean;
  /** Takes a list as the whole: what it lacks was deleted, what is new in it was added or recreated. */
  replace(objects: readonly KubeObject[]): readonly Change[];
  /** Releases its memory budget. What it holds can still be read; nothing may be put into it any more. */
  leave(): void;
}

/** The newest object seen, or its last state where it was deleted. */
export interface Newest {
  readonly object: KubeObject;
  readonly deleted: boolean;
}

/** Whether the newest change seen was undone: the object is older again, or exists although it was deleted. */
export function isUndone({ object, deleted }: Newest, now: KubeObject | undefined): boolean {
  const [before, after] = [object.metadata, now?.metadata];
  if (after?.resourceVersion === undefined || before.resourceVersion === undefined) return false;
  if (after.uid !== before.uid) return false;
  const order = compareVersions(after.resourceVersion, before.resourceVersion);
  // An object that lost the label counts as deleted, and is newer when it gets it back.
  return order !== undefined && (deleted ? order <= 0 : order < 0);
}

/**
 * An empty store; the same version of an object again is no change. `put` and `replace` throw `Failure` (ClusterBusy) where
 * that would exceed the memory budget, and then change nothing.
 */
export function createObjectStore(budget: MemoryBudget = unlimitedMemory): ObjectStore {
  const account = createAccount(budget);
  const held = new Map<string, KubeObject>();
  const indexes = new Map<KeysOf, ObjectIndex>();
  const indexOf = (keysOf: KeysOf): ObjectIndex => {
    const index = createObjectIndex(keysOf);
    for (const [key, object] of held) index.put(key, object, undefined);
    indexes.set(keysOf, index);
    return index;
  };
  let newest: Newest | undefined;
  const note = (object: KubeObject, deleted: boolean): void => {
    if (isOlder(object.metadata.resourceVersion, newest?.object.metadata.resourceVersion)) return;
    newest = { object, deleted };
  };
  const put = (object: KubeObject): readonly Change[] => {
    const key = keyOf(object);
    const previous = held.get(key);
    account.add(key, object);
    held.set(key, object);
    for (const index of indexes.values()) index.put(key, object, previous);
    note(object, false);
    return changesBetween(previous, object);
  };
  const remove = (object: KubeObject): readonly Change[] => {
    const key = keyOf(object);
    account.remove(key);
    const known = held.get(key);
    if (known === undefined) return [];
    held.delete(key);
    for (const index of indexes.values()) index.remove(key, known);
    return [{ type: "deleted", object }];
  };
  return {
    get: (namespace, name) => held.get(`${namespace}/${name}`),
    all: () => [...held.values()],
    by: (keysOf, key) => (indexes.get(keysOf) ?? indexOf(keysOf)).of(key),
    put,
    remove(object) {
      note(object, true);
      return remove(object);
    },
    get newest() {
      return newest;
    },
    isBehind: (objects, complete) =>
      objects.some((object) => {
        const known = held.get(keyOf(object))?.metadata;
        const { uid, resourceVersion } = object.metadata;
        if (known?.uid === uid) return isOlder(resourceVersion, known?.resourceVersion);
        return isOlder(resourceVersion, complete);
      }),
    replace(objects) {
      account.exchange(objects);
      const listed = new Set(objects.map(keyOf));
      newest = undefined;
      const gone = [...held.values()].filter((object) => !listed.has(keyOf(object)));
      return [...gone.flatMap(remove), ...objects.flatMap(put)];
    },
    leave: () => account.clear(),
  };
}

/** What the objects of a store hold of the memory budget. */
interface Account {
  add(key: string, object: KubeObject): void;
  remove(key: string): void;
  /** Removes all, or throws where these would not fit instead. */
  exchange(objects: readonly KubeObject[]): void;
  clear(): void;
}

function createAccount(budget: MemoryBudget): Account {
  const reservation = new Reservation(budget);
  const sizes = new Map<string, number>();
  let total = 0;
  const set = (key: string, bytes: number) => {
    const next = total + bytes - (sizes.get(key) ?? 0);
    reservation.resize(next);
    total = next;
    sizes.set(key, bytes);
  };
  const clear = () => {
    sizes.clear();
    total = 0;
    reservation.resize(0);
  };
  if (!budget.isBounded) return { add: nothing, remove: nothing, exchange: nothing, clear: nothing };
  return {
    add: (key, object) => set(key, estimatedBytes(object)),
    remove(key) {
      if (!sizes.has(key)) return;
      set(key, 0);
      sizes.delete(key);
    },
    exchange(objects) {
      const next = objects.reduce((sum, object) => sum + estimatedBytes(object), 0);
      if (next > total) reservation.resize(next);
      clear();
    },
    clear,
  };
}

const nothing = (): void => undefined;

function keyOf(object: KubeObject): string {
  return `${object.metadata.namespace ?? ""}/${object.metadata.name}`;
}

function changesBetween(previous: KubeObject | undefined, object: KubeObject): readonly Change[] {
  if (previous === undefined) return [{ type: "added", object }];
  if (previous.metadata.uid !== object.metadata.uid) {
    return [
      { type: "deleted", object: previous },
      { type: "added", object },
    ];
  }
  const same = previous.metadata.resourceVersion === object.metadata.resourceVersion;
  return same ? [] : [{ type: "modified", object, previous }];
}
