import type { KubeObject } from "../../model/manifest.ts";
import { compareVersions, isOlder } from "../../model/resource-version.ts";
import { boundless, Loan, type Room, weightOf } from "../http/memory-budget.ts";
import { createObjectIndex, type KeysOf, type ObjectIndex } from "./object-index.ts";

/** What happened to an object. `object` is its last state where it was deleted. */
export type Change =
  | { readonly type: "added"; readonly object: KubeObject }
  | { readonly type: "modified"; readonly object: KubeObject; readonly previous: KubeObject }
  | { readonly type: "deleted"; readonly object: KubeObject };

/** The objects of one kind as last seen. Every method that writes tells what changed by it. */
export interface ObjectStore {
  get(namespace: string, name: string): KubeObject | undefined;
  all(): readonly KubeObject[];
  /** Those that have the key. The first look-up makes the index, which every write keeps from then on. */
  by(keysOf: KeysOf, key: string): readonly KubeObject[];
  put(object: KubeObject): readonly Change[];
  remove(object: KubeObject): readonly Change[];
  /** What was seen last of all: the newest object, or one that was deleted since. */
  readonly newest: Newest | undefined;
  /**
   * Tells whether a list shows what was over already: an object that is certainly older than it was seen before, or one
   * that is not known although it is older than `complete`, the version until which every change was seen.
   */
  isBehind(objects: readonly KubeObject[], complete: string | undefined): boolean;
  /** Takes a list as the whole truth: what it lacks was deleted, what it has anew was added or recreated. */
  replace(objects: readonly KubeObject[]): readonly Change[];
  /** Gives back the room that it takes; what it holds can still be read, and nothing is put into it any more. */
  leave(): void;
}

/** An object as it was seen last, or as it was when it was deleted. */
export interface Newest {
  readonly object: KubeObject;
  readonly deleted: boolean;
}

/** Whether what was seen last never happened: the object is older again, or there again although it was deleted. */
export function isUndone({ object, deleted }: Newest, now: KubeObject | undefined): boolean {
  const [before, after] = [object.metadata, now?.metadata];
  if (after?.resourceVersion === undefined || before.resourceVersion === undefined) return false;
  if (after.uid !== before.uid) return false;
  const order = compareVersions(after.resourceVersion, before.resourceVersion);
  // Who lost a label is deleted to one who looks for it, and is newer when it comes back.
  return order !== undefined && (deleted ? order <= 0 : order < 0);
}

/**
 * Makes an empty store; the same version of an object again is no change. `put` and `replace` throw `Failure` (ClusterBusy)
 * where there is no room for what they are given, and then change nothing.
 */
export function createObjectStore(room: Room = boundless): ObjectStore {
  const scales = createScales(room);
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
    scales.weigh(key, object);
    held.set(key, object);
    for (const index of indexes.values()) index.put(key, object, previous);
    note(object, false);
    return changesBetween(previous, object);
  };
  const remove = (object: KubeObject): readonly Change[] => {
    const key = keyOf(object);
    scales.forget(key);
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
      scales.exchange(objects);
      const listed = new Set(objects.map(keyOf));
      newest = undefined;
      const gone = [...held.values()].filter((object) => !listed.has(keyOf(object)));
      return [...gone.flatMap(remove), ...objects.flatMap(put)];
    },
    leave: () => scales.clear(),
  };
}

/** What the objects of a store weigh. */
interface Scales {
  weigh(key: string, object: KubeObject): void;
  forget(key: string): void;
  /** Forgets all where there is room for these instead, and throws where there is none. */
  exchange(objects: readonly KubeObject[]): void;
  clear(): void;
}

function createScales(room: Room): Scales {
  const loan = new Loan(room);
  const weights = new Map<string, number>();
  let total = 0;
  const set = (key: string, weight: number) => {
    const next = total + weight - (weights.get(key) ?? 0);
    loan.hold(next);
    total = next;
    weights.set(key, weight);
  };
  const clear = () => {
    weights.clear();
    total = 0;
    loan.hold(0);
  };
  if (!room.isBounded) return { weigh: nothing, forget: nothing, exchange: nothing, clear: nothing };
  return {
    weigh: (key, object) => set(key, weightOf(object)),
    forget(key) {
      if (!weights.has(key)) return;
      set(key, 0);
      weights.delete(key);
    },
    exchange(objects) {
      const next = objects.reduce((sum, object) => sum + weightOf(object), 0);
      if (next > total) loan.hold(next);
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
