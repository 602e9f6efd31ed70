import { ownerLabels } from "../api/names.ts";
import { type Change, type Cluster, createWatchCache, type ResourceType, type WatchCache } from "../cluster/index.ts";
import { needsWatch } from "../health/index.ts";
import { Failure } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import type { ObjectId } from "../model/object-id.ts";
import { untilAborted } from "../model/until-aborted.ts";
import { type Owner, ownerOf } from "../plan/index.ts";

/** Told about an object that came, changed or went (`undefined`). */
export type LiveListener = (id: ObjectId, object: KubeObject | undefined) => void;

/** A kind and where its objects are: the namespaces matter only to who may not read all of them. */
export interface Tracked {
  readonly type: ResourceType;
  readonly namespaces: readonly string[];
}

/**
 * What the cluster holds of all environments of one identity, kept current by one watch a kind. Kinds whose health lies
 * in their status are kept whole (less managedFields); of the others only the metadata. Where the identity may not read
 * a kind in all namespaces, there is a watch for each namespace instead.
 */
export interface LiveView {
  /** Watches from now on; resolves when everything is listed. Throws `Failure` (Forbidden) where even a namespace may not be read. */
  track(wanted: readonly Tracked[], signal: AbortSignal): Promise<void>;
  /** The object as last seen; undefined where there is none, or where its kind is not tracked. */
  get(id: ObjectId): KubeObject | undefined;
  /** Why what is known of an object may be old, or undefined while its watch follows. */
  failure(id: ObjectId): Failure | undefined;
  /** Says that the object should have been seen as it is by now: a watch that is open and deaf is made anew. */
  renew(id: ObjectId): void;
  /** Tells the listener of changes to what an Environment owns, its going over to another one among them. */
  onChange(owner: Owner, listener: LiveListener): () => void;
  close(): Promise<void>;
}

/** A live view over one connection. Only objects that carry an owner's label are in it. */
export function createLiveView(cluster: Cluster): LiveView {
  const kinds = new Map<string, KindWatch>();
  const listeners = new Map<string, Set<LiveListener>>();

  const tell = (type: ResourceType, change: Change) => {
    const { name, namespace } = change.object.metadata;
    const id = { group: type.group, kind: type.kind, namespace: namespace ?? "", name };
    const object = change.type === "deleted" ? undefined : change.object;
    for (const owner of concerned(change)) for (const listener of listeners.get(owner) ?? []) listener(id, object);
  };

  return {
    async track(wanted, signal) {
      await Promise.all(
        wanted.map(async ({ type, namespaces }) => {
          const key = kindKey(type);
          const watch = kinds.get(key) ?? new KindWatch(cluster, type, (change) => tell(type, change));
          kinds.set(key, watch);
          await watch.follow(namespaces, signal);
        }),
      );
    },
    get: (id) => kinds.get(kindKey(id))?.get(id),
    failure: (id) => kinds.get(kindKey(id))?.failure(id),
    renew: (id) => kinds.get(kindKey(id))?.renew(id),
    onChange(owner, listener) {
      const key = ownerKey(owner);
      const set = listeners.get(key) ?? new Set();
      listeners.set(key, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(key) === set) listeners.delete(key);
      };
    },
    async close() {
      await Promise.all([...kinds.values()].map((watch) => watch.close()));
      kinds.clear();
    },
  };
}

/** The watches of one kind: a single one, or one a namespace. */
class KindWatch {
  readonly #start: (namespace: string | undefined) => WatchCache;
  readonly #caches = new Map<string, WatchCache>();
  /** Undefined when it is watched everywhere, else why it may not be. */
  #everywhere: Promise<Failure | undefined> | undefined;

  constructor(cluster: Cluster, type: ResourceType, tell: (change: Change) => void) {
    this.#start = (namespace) => {
      const cache = createWatchCache(cluster, {
        resource: type,
        labelSelector: ownerLabels.name,
        metadataOnly: !needsWatch(type.group, type.kind),
        ...(namespace === undefined ? {} : { namespace }),
      });
      cache.onChange(tell);
      return cache;
    };
  }

  get(id: ObjectId): KubeObject | undefined {
    return this.#cacheOf(id)?.get(id);
  }

  failure(id: ObjectId): Failure | undefined {
    return this.#cacheOf(id)?.failure();
  }

  renew(id: ObjectId): void {
    this.#cacheOf(id)?.renew();
  }

  async follow(namespaces: readonly string[], signal: AbortSignal): Promise<void> {
    this.#everywhere ??= this.#tryEverywhere();
    const refused = await untilAborted(this.#everywhere, signal);
    if (refused === undefined) return;
    // Objects without a namespace are seen everywhere or not at all.
    if (namespaces.includes("")) throw refused;
    await Promise.all(namespaces.map((namespace) => this.#followOne(namespace, signal)));
  }

  async close(): Promise<void> {
    await Promise.all([...this.#caches.values()].map((cache) => cache.close()));
  }

  #cacheOf(id: ObjectId): WatchCache | undefined {
    return this.#caches.get("") ?? this.#caches.get(id.namespace);
  }

  async #tryEverywhere(): Promise<Failure | undefined> {
    const cache = this.#start(undefined);
    try {
      await cache.ready;
      this.#caches.set("", cache);
      return undefined;
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.code === "Forbidden") return thrown;
      this.#everywhere = undefined;
      throw thrown;
    }
  }

  async #followOne(namespace: string, signal: AbortSignal): Promise<void> {
    const cache = this.#caches.get(namespace) ?? this.#start(namespace);
    this.#caches.set(namespace, cache);
    try {
      await untilAborted(cache.ready, signal);
    } catch (thrown) {
      if (thrown instanceof Failure && thrown.code === "Forbidden") this.#caches.delete(namespace);
      throw thrown;
    }
  }
}

/** Whose object it is, and whose it was until now: both have something to do about it. */
function concerned(change: Change): ReadonlySet<string> {
  const states = change.type === "modified" ? [change.object, change.previous] : [change.object];
  const owners = states.map(ownerOf).filter((owner) => owner !== undefined);
  return new Set(owners.map(ownerKey));
}

function ownerKey(owner: Owner): string {
  return `${owner.namespace}/${owner.name}`;
}

function kindKey(type: { readonly group: string; readonly kind: string }): string {
  return `${type.kind}.${type.group}`;
}
