import { ownerLabels } from "../../api/names.ts";
import {
  type Change,
  type Cluster,
  createWatchCache,
  type ResourceType,
  type WatchCache,
} from "../../cluster/index.ts";
import type { Failure } from "../../model/failure.ts";
import { type Owner, ownerOf } from "../../plan/index.ts";

/** What is watched of a kind: one version of it, in one namespace or in all, whole or its metadata alone. */
export interface WatchedKind {
  readonly type: ResourceType;
  /** Empty: everywhere. */
  readonly namespace: string;
  /** Whole objects, less their managedFields; else nothing but metadata. */
  readonly whole: boolean;
}

/** `ended`: it is refused, its first list or what came after, and shows nothing that can be relied on; another one may show more. */
export type WatchState = "listing" | "listed" | "ended";

/** Told of what happens to the objects of one owner. */
export interface WatchListener {
  changed(type: ResourceType, change: Change): void;
  /** The cluster was restored from a backup, and has shown all there is anew. */
  rewound(): void;
}

/** A watch, for as long as its user holds it. */
export interface HeldWatch {
  readonly cache: WatchCache;
  readonly state: WatchState;
  /** Lets it go: the last one closes it. */
  release(): void;
}

/**
 * The watches of one identity over the objects that carry an owner's label. Environments that need the same share one, but
 * for one that has ended; it is closed when the last of them lets it go. A kind that is served in several versions, or made
 * again with another scope, is several.
 */
export interface LiveWatches {
  hold(kind: WatchedKind, owner: Owner, listener: WatchListener): HeldWatch;
  /** Why a kind may not be watched everywhere, where that was found out a while ago. */
  refused(type: ResourceType): Failure | undefined;
  refuse(type: ResourceType, failure: Failure): void;
  /** How many watches are open. */
  readonly size: number;
  close(): Promise<void>;
}

/** For so long the API server is not asked again for what it refused: rights are given, but seldom. */
const refusalMs = 600_000;

/** No watch yet. */
export function createLiveWatches(cluster: Cluster): LiveWatches {
  const watches = new Map<string, SharedWatch>();
  const refusals = new Map<string, { readonly failure: Failure; readonly at: number }>();

  function open(key: string, kind: WatchedKind): SharedWatch {
    const watch = new SharedWatch(cluster, kind);
    watches.set(key, watch);
    return watch;
  }

  return {
    hold(kind, owner, listener) {
      const key = watchKey(kind);
      const known = watches.get(key);
      const watch = known === undefined || known.state === "ended" ? open(key, kind) : known;
      const leave = watch.join(owner, listener);
      let held = true;
      return {
        cache: watch.cache,
        get state() {
          return watch.state;
        },
        release() {
          if (!held) return;
          held = false;
          leave();
          if (watch.used) return;
          if (watches.get(key) === watch) watches.delete(key);
          void watch.cache.close();
        },
      };
    },
    refused(type) {
      const known = refusals.get(typeKeyOf(type));
      return known !== undefined && performance.now() - known.at < refusalMs ? known.failure : undefined;
    },
    refuse: (type, failure) => void refusals.set(typeKeyOf(type), { failure, at: performance.now() }),
    get size() {
      return watches.size;
    },
    async close() {
      const open = [...watches.values()];
      watches.clear();
      await Promise.all(open.map(({ cache }) => cache.close()));
    },
  };
}

/** One watch and those who use it, by whose objects they want to hear of. */
class SharedWatch {
  readonly cache: WatchCache;
  readonly #users = new Map<string, Set<WatchListener>>();
  #state: WatchState = "listing";

  constructor(cluster: Cluster, { type, namespace, whole }: WatchedKind) {
    this.cache = createWatchCache(cluster, {
      resource: type,
      labelSelector: ownerLabels.name,
      metadataOnly: !whole,
      ...(namespace === "" ? {} : { namespace }),
    });
    this.cache.ready(new AbortController().signal).then(
      () => this.#hasListed(),
      () => {
        this.#state = "ended";
      },
    );
    this.cache.onChange((change) => {
      this.#hasListed();
      for (const owner of concerned(change)) {
        for (const listener of this.#users.get(owner) ?? []) listener.changed(type, change);
      }
    });
    this.cache.onRewind(() => {
      for (const listener of [...this.#users.values()].flatMap((each) => [...each])) listener.rewound();
    });
  }

  get state(): WatchState {
    // It goes on asking, and shows what was there when the right was taken away.
    return this.cache.failure()?.code === "Forbidden" ? "ended" : this.#state;
  }

  #hasListed(): void {
    this.#state = "listed";
  }

  get used(): boolean {
    return this.#users.size > 0;
  }

  join(owner: Owner, listener: WatchListener): () => void {
    const key = ownerKey(owner);
    // Another one each time, so that who joins twice has to leave twice.
    const entry: WatchListener = { changed: listener.changed, rewound: listener.rewound };
    const set = this.#users.get(key) ?? new Set();
    this.#users.set(key, set.add(entry));
    return () => {
      set.delete(entry);
      if (set.size === 0 && this.#users.get(key) === set) this.#users.delete(key);
    };
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

function typeKeyOf({ group, version, plural, namespaced }: ResourceType): string {
  return `${plural}.${version}.${group} ${namespaced ? "namespaced" : "cluster"}`;
}

function watchKey({ type, namespace, whole }: WatchedKind): string {
  return `${typeKeyOf(type)} ${namespace} ${whole ? "whole" : "metadata"}`;
}
