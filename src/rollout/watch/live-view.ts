import { ownerLabels } from "../../api/names.ts";
import type { Change, KeysOf, ResourceType, WatchHub } from "../../cluster/index.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { ObjectId } from "../../model/object-id.ts";
import { type Owner, ownerOf } from "../../plan/index.ts";
import { firstOf, KindUse, type Tracked } from "./kind-use.ts";

/** Told about an object that came, changed or went (`undefined`). */
export type LiveListener = (id: ObjectId, object: KubeObject | undefined) => void;

/**
 * What the cluster holds of one environment, kept current by watches that it shares with the others of its identity. Where
 * that may not read a kind in all namespaces, there is a watch for each namespace instead.
 */
export interface LiveView {
  /**
   * Watches these kinds from now on, beside those before; resolves when everything is listed. Throws `Failure`: Forbidden
   * where even a namespace may not be read, what keeps a list from coming where that takes too long, or as the signal says.
   */
  track(wanted: readonly Tracked[], signal: AbortSignal): Promise<void>;
  /** Lets go of every other kind. */
  only(wanted: readonly Tracked[]): void;
  /**
   * The object as last seen; undefined where there is none, or where its kind is not tracked. Throws `Failure` (Interrupted)
   * once the view is closed: that it shows nothing then says nothing.
   */
  get(id: ObjectId): KubeObject | undefined;
  /** Why what is known of an object may be old, or undefined while its watch follows. */
  failure(id: ObjectId): Failure | undefined;
  /** Says that the object should have been seen as it is by now: a watch that is open and deaf is made anew. */
  renew(id: ObjectId): void;
  /** Tells the listener of changes to what an Environment owns, its going over to another one among them. */
  onChange(owner: Owner, listener: LiveListener): () => void;
  /** Tells the listener that the cluster was restored from a backup: what was found out before may not be true. */
  onRewind(listener: () => void): () => void;
  /** Aborts with `Failure` (Interrupted) when the view is closed: whoever waits for what it shows waits in vain. */
  readonly closed: AbortSignal;
  close(): Promise<void>;
}

/** What the end of a view means to whoever looks into it. */
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
    // Nobody would close it any more.
    closing.signal.throwIfAborted();
    const query = { resource: type, namespace, labelSelector: ownerLabels.name, metadataOnly: !whole };
    const subscription = hub.subscribe(query);
    subscription.onChangeOf(environmentOf, keyOf(owner), (change) => changed(type, change));
    subscription.onRewind(rewound);
    return subscription;
  };
  const usesOf = (id: ObjectId) => [...uses.values()].filter((each) => each.isOf(id));

  return {
    async track(wanted, signal) {
      closing.signal.throwIfAborted();
      const ends = AbortSignal.any([signal, closing.signal]);
      await inParallel(wanted, Math.max(1, wanted.length), (each) => use(each).follow(each.namespaces, ends), ends);
    },
    only(wanted) {
      const kept = Map.groupBy(wanted, useKey);
      for (const [key, each] of uses) {
        const places = kept.get(key)?.flatMap(({ namespaces }) => namespaces);
        if (places === undefined) uses.delete(key);
        each.only(places ?? []);
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
    onChange(_owner, each) {
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
      for (const each of uses.values()) each.only([]);
      uses.clear();
    },
  };
}

/** Another version, scope or projection is another use of the kind. */
function useKey({ type, whole }: Tracked): string {
  const { group, version, kind, plural, namespaced } = type;
  return [group, version, kind, plural, namespaced, whole].join(" ");
}
