import type { KubeObject } from "../model/manifest.ts";
import { compareVersions, isOlder } from "../model/resource-version.ts";

/** What happened to an object. `object` is its last state where it was deleted. */
export type Change =
  | { readonly type: "added"; readonly object: KubeObject }
  | { readonly type: "modified"; readonly object: KubeObject; readonly previous: KubeObject }
  | { readonly type: "deleted"; readonly object: KubeObject };

/** The objects of one kind as last seen. Every method that writes tells what changed by it. */
export interface ObjectStore {
  get(namespace: string, name: string): KubeObject | undefined;
  all(): readonly KubeObject[];
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

/** Makes an empty store. The same version of an object again is no change. */
export function createObjectStore(): ObjectStore {
  const held = new Map<string, KubeObject>();
  let newest: Newest | undefined;
  const note = (object: KubeObject, deleted: boolean): void => {
    if (isOlder(object.metadata.resourceVersion, newest?.object.metadata.resourceVersion)) return;
    newest = { object, deleted };
  };
  const put = (object: KubeObject): readonly Change[] => {
    const previous = held.get(keyOf(object));
    held.set(keyOf(object), object);
    note(object, false);
    return changesBetween(previous, object);
  };
  const remove = (object: KubeObject): readonly Change[] =>
    held.delete(keyOf(object)) ? [{ type: "deleted", object }] : [];
  return {
    get: (namespace, name) => held.get(`${namespace}/${name}`),
    all: () => [...held.values()],
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
      const listed = new Set(objects.map(keyOf));
      newest = undefined;
      const gone = [...held.values()].filter((object) => !listed.has(keyOf(object)));
      return [...gone.flatMap(remove), ...objects.flatMap(put)];
    },
  };
}

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
