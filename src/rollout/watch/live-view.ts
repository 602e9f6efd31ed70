import { ownerLabels } from "../../api/names.ts";
import type { Change, KeysOf, ResourceType, WatchHub } from "../../cluster/index.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { ObjectId } from "../../model/object-id.ts";
import { type Owner, ownerOf } from "../../plan/index.ts";
import { firstOf, KindUse, type Tracked } from "./kind-use.ts";

/** Called with an object that was added or changed, or with `undefined` where it was deleted. */
export type LiveListener = (id: ObjectId, object: KubeObject | undefined) => void;

/**
 * The live objects of one environment, kept current by the watches of its identity, which Environments share. Where the
 * identity may not list a kind in all namespaces, it is watched in each namespace instead.
 */
export interface LiveView {
  /**
   * Watches these kinds too from now on; resolves when all are listed. Throws `Failure`: Forbidden where not even a namespace
   * may be listed, the cause where a list takes longer than 30 s, or the signal's reason.
   */
  track(wanted: readonly Tracked[], signal: AbortSignal): Promise<void>;
  /** Closes the watches of every other kind. */
  retain(wanted: readonly Tracked[]): void;
  /**
   * The object as last seen; undefined where there is none, or where its kind is not tracked. Throws `Failure` (Interrupted)
   * once the view is closed: nothing can be concluded from it then.
   */
  get(id: ObjectId): KubeObject | undefined;
  /** Why what is known of an object may be old, or undefined while its watch follows. */
  failure(id: ObjectId): Failure | undefined;
  /** Has a watch that is open and deaf replaced, where the object should have been seen as it is by now. */
  renew(id: ObjectId): void;
  /** Calls the listener with each change of what the Environment owns, or owned until that change. */
  onChange(listener: LiveListener): () => void;
  /** Calls the listener when the cluster was restored from a backup: what was known of it before may be wrong. */
  onRewind(listener: () => void): () => void;
  /** Aborts with `Failure` (Interrupted) when the view is closed, which ends every wait on it. */
  readonly closed: AbortSignal;
  close(): Promise<void>;
}

/** The failure of whoever reads a closed view. */
export function viewClosed(): Failure {
  return new Failure("Interrupted", { message: "the view of the cluster was closed" });
}

/** The Environment that an object belongs to, as a key. */
const environmentOf: KeysOf = (object) => {
  const owner = ownerOf(object);
  return owner === undefined ? [] : [keyOf(owner)];
};

function keyOf({ namespace, name }: Owner): string {
  return `${namespace}/${name}`;
}

/** The view of one Environment. */
export function createLiveView(hub: WatchHub, owner: Owner): LiveView {
  const uses = new Map<string, KindUse>();
  const listeners = new Set<LiveListener>();
  const rewinds = new Set<() => void>();
  const changed = (type: ResourceType, change: Change) => {
    const { name, namespace = "" } = change.object.metadata;
    const id = { group: type.group, kind: type.kind, namespace, name };
    const object = change.type === "deleted" ? undefined : change.object;
    for (const each of [...listeners]) each(id, object);
  };
  const rewound = () => {
    for (const each of [...rewinds]) each();
  };
  const closing = new AbortController();
  const use = (wanted: Tracked): KindUse => {
    const key = useKey(wanted);
    const known = uses.get(key) ?? new KindUse(wanted, (namespace) => subscribe(wanted, namespace), hub);
    uses.set(key, known);
    return known;
  };
  const subscribe = ({ type, whole }: Tracked, namespace: string) => {
    // Nobody would ever close it.
    closing.signal.throwIfAborted();
    const query = { resource: type, namespace, labelSelector: ownerLabels.name, metadataOnly: !whole };
    const subscription = hub.subscribe(query);
    subscription.onChangeOf(environmentOf, keyOf(owner), (change) => changed(type, change));
    subscription.onRewind(rewound);
    return subscription;
  };
  // Whole first: of a kind that is tracked both ways until `retain`, it shows more.
  const usesOf = (id: ObjectId) =>
    [...uses.values()].filter((each) => each.isOf(id)).sort((a, b) => Number(b.isWhole) - Number(a.isWhole));

  return {
    async track(wanted, signal) {
      closing.signal.throwIfAborted();
      const ends = AbortSignal.any([signal, closing.signal]);
      await inParallel(wanted, Math.max(1, wanted.length), (each) => use(each).follow(each.namespaces, ends), ends);
    },
    retain(wanted) {
      const kept = Map.groupBy(wanted, useKey);
      for (const [key, each] of uses) {
        const places = kept.get(key)?.flatMap(({ namespaces }) => namespaces);
        if (places === undefined) uses.delete(key);
        each.retain(places ?? []);
      }
    },
    get(id) {
      closing.signal.throwIfAborted();
      return firstOf(usesOf(id), (each) => each.watchOf(id)?.get(id));
    },
    failure: (id) => firstOf(usesOf(id), (each) => each.failureOf(id)),
    renew(id) {
      for (const each of usesOf(id)) each.watchOf(id)?.renew();
    },
    onChange(each) {
      const entry: LiveListener = (id, object) => each(id, object);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    onRewind(each) {
      const entry = () => each();
      rewinds.add(entry);
      return () => rewinds.delete(entry);
    },
    closed: closing.signal,
    async close() {
      closing.abort(viewClosed());
      for (const each of uses.values()) each.retain([]);
      uses.clear();
    },
  };
}

/** Another version, scope or projection is another use of the kind. */
function useKey({ type, whole }: Tracked): string {
  const { group, version, kind, plural, namespaced } = type;
  return [group, version, kind, plural, namespaced, whole].join(" ");
}
