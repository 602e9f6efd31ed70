import { Failure, type FailureCode, toFailure } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import { createBackoff } from "./backoff.ts";
import type { Cluster, ResourceType, WatchEvent } from "./cluster.ts";
import { interruption } from "./interruption.ts";
import { type Change, createObjectStore, type ObjectStore } from "./object-store.ts";
import { pausesUntilReturn } from "./pause-until-return.ts";

/** What a cache follows. */
export interface WatchCacheOptions {
  readonly resource: ResourceType;
  /** Absent: all namespaces. */
  readonly namespace?: string;
  /** An object that stops matching counts as deleted. */
  readonly labelSelector?: string;
  /** Holds only `apiVersion`, `kind` and `metadata`. */
  readonly metadataOnly: boolean;
  /** What of an object is held, to bound memory; all but `metadata.managedFields` if absent. Must keep `metadata`. */
  readonly keep?: (object: KubeObject) => KubeObject;
}

/** The objects of one kind, kept up to date by a watch. */
export interface WatchCache {
  /**
   * Resolves when the first list has been read. Rejects where that list is refused (`Forbidden`, `Unauthorized`,
   * `KindUnknown`), which ends the cache; an API server that is away is waited for.
   */
  readonly ready: Promise<void>;
  get(id: { readonly namespace?: string; readonly name: string }): KubeObject | undefined;
  all(): readonly KubeObject[];
  /** Calls the listener, which must not throw, after each change from now on; returns how to stop that. */
  onChange(listener: (change: Change) => void): () => void;
  /**
   * Says that something should have been seen by now: a watch that is open and deaf makes way for a list and a new watch.
   * Does nothing where the last list is not long ago.
   */
  renew(): void;
  /** Why the cache may be behind, or undefined while it follows. */
  failure(): Failure | undefined;
  /** Ends the watch; what is held stays readable. */
  close(): Promise<void>;
}

/** The pace of a cache; tests make it faster. */
export interface WatchPace {
  /** The API server ends each watch after about this long. */
  readonly serverTimeoutSeconds: number;
  /** Bookmarks come about every minute: after this long without a byte the connection counts as dead. */
  readonly silenceMs: number;
  /** A watch that lasted this long was a good one: the next failure is met with the shortest pause again. */
  readonly stableMs: number;
  readonly shortestPauseMs: number;
  readonly longestPauseMs: number;
  /** Not to be renewed within so long after a list. */
  readonly renewAfterMs: number;
}

const standardPace: WatchPace = {
  serverTimeoutSeconds: 300,
  silenceMs: 150_000,
  stableMs: 10_000,
  shortestPauseMs: 100,
  longestPauseMs: 30_000,
  renewAfterMs: 15_000,
};

/** After so many failures in a row the version to go on from may itself be what is wrong (a restored etcd). */
const failuresBeforeList = 3;

/**
 * Makes a cache and starts it: a list, then watches from its version on, each one resumed where the last one ended. A
 * version that is no longer kept (410) costs exactly one new list, which gives the changes missed in between. Pauses
 * grow with each failure and after watches that end at once, so that neither a lost connection nor a confused server
 * makes it a storm of requests; they end early when another request finds the API server answering again. It never
 * gives up. (For what client-node's informer does instead see issues 364, 596, 958 and 1933 of
 * kubernetes-client/javascript.)
 */
export function createWatchCache(cluster: Cluster, options: WatchCacheOptions, pace = standardPace): WatchCache {
  const closing = new AbortController();
  const listeners = new Set<(change: Change) => void>();
  const store = createObjectStore();
  const ready = Promise.withResolvers<void>();
  let listedAt = Number.POSITIVE_INFINITY;
  let renewal = new AbortController();
  // Whoever does not wait for it has nothing to handle either.
  ready.promise.catch(() => undefined);
  let failure: Failure | undefined;
  const follower: Follower = {
    cluster,
    options: { ...options, keep: options.keep ?? withoutManagedFields },
    pace,
    store,
    tell(changes) {
      for (const change of changes) for (const listener of listeners) listener(change);
    },
    listed() {
      listedAt = performance.now();
      ready.resolve();
    },
    renewable() {
      renewal = new AbortController();
      return renewal.signal;
    },
    failed(problem) {
      failure = problem;
    },
  };
  const ended = follow(follower, closing.signal).catch((thrown: unknown) => {
    failure = toFailure(thrown);
    ready.reject(failure);
  });
  return {
    ready: ready.promise,
    get: (id) => store.get(id.namespace ?? "", id.name),
    all: store.all,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    renew() {
      if (performance.now() - listedAt >= pace.renewAfterMs) renewal.abort();
    },
    failure: () => failure,
    close() {
      closing.abort(new Failure("Interrupted", { message: "the watch was closed" }));
      return ended;
    },
  };
}

interface Follower {
  readonly cluster: Cluster;
  readonly options: WatchCacheOptions & { readonly keep: (object: KubeObject) => KubeObject };
  readonly pace: WatchPace;
  readonly store: ObjectStore;
  tell(changes: readonly Change[]): void;
  listed(): void;
  /** Aborted when the watch that begins now is to be given up. */
  renewable(): AbortSignal;
  failed(failure: Failure | undefined): void;
}

const refusals: readonly FailureCode[] = ["Forbidden", "Unauthorized", "KindUnknown", "SpecInvalid"];

/** How far a follower has come. */
interface Progress {
  /** The version to go on from; absent where a list is needed. */
  version: string | undefined;
  listedOnce: boolean;
  failuresInRow: number;
}

/** Lists and watches until the signal is aborted. Throws its reason, or the refusal of the very first list. */
async function follow(follower: Follower, signal: AbortSignal): Promise<never> {
  const { pace } = follower;
  const backoff = createBackoff({ shortestMs: pace.shortestPauseMs, longestMs: pace.longestPauseMs });
  const rest = pausesUntilReturn(follower.cluster);
  const progress: Progress = { version: undefined, listedOnce: false, failuresInRow: 0 };
  for (;;) {
    const started = performance.now();
    const renewed = follower.renewable();
    try {
      progress.version ??= await list(follower, signal);
      progress.listedOnce = true;
      await watch(follower, progress, AbortSignal.any([signal, renewed]));
    } catch (thrown) {
      if (signal.aborted) throw interruption(signal);
      if (renewed.aborted) progress.version = undefined;
      else stumble(follower, progress, toFailure(thrown));
    }
    if (performance.now() - started >= pace.stableMs) backoff.reset();
    await rest(backoff.next(), signal);
  }
}

function stumble(follower: Follower, progress: Progress, failure: Failure): void {
  if (!progress.listedOnce && refusals.includes(failure.code)) throw failure;
  follower.failed(failure);
  progress.failuresInRow++;
  if (progress.failuresInRow >= failuresBeforeList) progress.version = undefined;
  if (failure.code === "KindUnknown") {
    // Its definition was deleted, and all its objects with it.
    progress.version = undefined;
    follower.tell(follower.store.replace([]));
  }
}

async function list({ cluster, options, store, ...follower }: Follower, signal: AbortSignal): Promise<string> {
  const { items, resourceVersion } = await cluster.list(options.resource, options, signal);
  follower.tell(store.replace(items));
  follower.failed(undefined);
  follower.listed();
  return resourceVersion;
}

async function watch(follower: Follower, progress: Progress, signal: AbortSignal): Promise<void> {
  const { cluster, options, pace } = follower;
  // Between four fifths and the whole, so that the watches of many kinds do not all end at once.
  const timeoutSeconds = Math.ceil(pace.serverTimeoutSeconds * (0.8 + Math.random() / 5));
  const resourceVersion = progress.version ?? "";
  const asked = { ...options, resourceVersion, timeoutSeconds, silenceMs: pace.silenceMs };
  for await (const event of cluster.watch(options.resource, asked, signal)) take(follower, progress, event);
}

function take({ store, options, tell, failed }: Follower, progress: Progress, event: WatchEvent): void {
  switch (event.type) {
    case "OPENED":
      progress.failuresInRow = 0;
      failed(undefined);
      return;
    case "ADDED":
    case "MODIFIED":
      tell(store.put(options.keep(event.object)));
      progress.version = event.object.metadata.resourceVersion;
      return;
    case "DELETED":
      tell(store.remove(options.keep(event.object)));
      progress.version = event.object.metadata.resourceVersion;
      return;
    case "BOOKMARK":
      progress.version = event.resourceVersion;
      return;
    case "EXPIRED":
      progress.version = undefined;
      return;
  }
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: metadata as KubeObject["metadata"] };
}
