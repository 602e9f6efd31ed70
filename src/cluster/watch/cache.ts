import { guarded, reportBug } from "../../clock/index.ts";
import { heardElsewhere } from "../../model/async/heard-elsewhere.ts";
import { Failure, toFailure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Cluster } from "../cluster.ts";
import { abortable } from "../failures/abort-failure.ts";
import { follow } from "./follow.ts";
import type { Follower, WatchCacheOptions, WatchPace } from "./follower.ts";
import { type Change, createObjectStore } from "./store.ts";

/** The objects of one kind, kept up to date by a watch. */
export interface WatchCache {
  /**
   * Resolves when the first list has been read. Throws where that list is refused (`Forbidden`, `Unauthorized`,
   * `KindUnknown`), which ends the cache; an API server that is away is waited for until the signal aborts, and then
   * throws what a request does.
   */
  ready(signal: AbortSignal): Promise<void>;
  get(id: { readonly namespace?: string; readonly name: string }): KubeObject | undefined;
  all(): readonly KubeObject[];
  /**
   * Calls the listener after each change from now on; returns how to stop that. What it throws is reported, and costs
   * neither the watch nor the other listeners anything.
   */
  onChange(listener: (change: Change) => void): () => void;
  /**
   * Calls the listener, after the changes that come with it, when the versions of the API server went back: its data were
   * restored from a backup, and what was learnt of them since is not true any more. Returns how to stop that.
   */
  onRewind(listener: () => void): () => void;
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

const standardPace: WatchPace = {
  serverTimeoutSeconds: 300,
  silenceMs: 150_000,
  stableMs: 10_000,
  shortestPauseMs: 100,
  longestPauseMs: 30_000,
  renewAfterMs: 15_000,
};

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
  const rewinds = new Set<() => void>();
  const store = createObjectStore(cluster.room);
  const ready = Promise.withResolvers<void>();
  let listedAt = Number.POSITIVE_INFINITY;
  let renewal = new AbortController();
  // Whoever does not wait for it has nothing to handle either.
  heardElsewhere(ready.promise);
  let failure: Failure | undefined;
  const follower: Follower = {
    cluster,
    options: { ...options, keep: options.keep ?? withoutManagedFields },
    pace,
    store,
    tell(changes) {
      for (const change of changes) for (const listener of [...listeners]) listener(change);
    },
    rewound() {
      for (const listener of [...rewinds]) listener();
    },
    listed() {
      listedAt = performance.now();
      ready.resolve();
    },
    renewable() {
      renewal = new AbortController();
      return renewal.signal;
    },
    giveUp: () => renewal.abort(),
    failed(problem) {
      failure = problem;
    },
  };
  const ended = follow(follower, closing.signal).catch((thrown: unknown) => {
    failure = toFailure(thrown);
    ready.reject(failure);
  });
  return {
    ready: (signal) => abortable(ready.promise, signal),
    get: (id) => store.get(id.namespace ?? "", id.name),
    all: store.all,
    onChange(listener) {
      const entry = guarded(listener, reportBug);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    onRewind(listener) {
      const entry = guarded(listener, reportBug);
      rewinds.add(entry);
      return () => rewinds.delete(entry);
    },
    renew() {
      if (performance.now() - listedAt >= pace.renewAfterMs) renewal.abort();
    },
    failure: () => failure,
    close() {
      closing.abort(new Failure("Interrupted", { message: "the watch was closed" }));
      return ended.finally(() => store.leave());
    },
  };
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: metadata as KubeObject["metadata"] };
}
