import { guarded, reportBug } from "../../clock/index.ts";
import { heardElsewhere } from "../../model/async/heard-elsewhere.ts";
import { Failure, toFailure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Cluster } from "../cluster.ts";
import { abortable } from "../failures/abortable.ts";
import { type ChangeListener, createChangeRouter } from "./change-router.ts";
import { follow } from "./follow.ts";
import type { Follower, WatchPace, WatchQuery } from "./follower.ts";
import type { KeysOf } from "./object-index.ts";
import { createObjectStore } from "./store.ts";

/** The objects of one kind, kept up to date by a watch. */
export interface WatchedObjects {
  /**
   * Resolves when the first list has been read. Throws where that list is refused (`Forbidden`, `Unauthorized`,
   * `KindUnknown`), which ends the watch; an API server that is away is waited for until the signal aborts, and then
   * throws what a request does.
   */
  ready(signal: AbortSignal): Promise<void>;
  get(id: { readonly namespace?: string; readonly name: string }): KubeObject | undefined;
  all(): readonly KubeObject[];
  /** Calls the listener after each change from now on; returns how to stop that. */
  onChange(listener: ChangeListener): () => void;
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
  /** Why what is shown may be old, or undefined while the watch follows. */
  failure(): Failure | undefined;
  /** Ends the watch; what is held stays readable. */
  close(): Promise<void>;
}

/** A watch of a single owner. */
export interface WatchCache extends WatchedObjects {
  /** Whether what it shows comes from a list. */
  readonly hasListed: boolean;
  /** The objects that have the key. */
  by(keysOf: KeysOf, key: string): readonly KubeObject[];
  /** As above, of the objects that have the key, or had it until then. */
  onChangeOf(keysOf: KeysOf, key: string, listener: ChangeListener): () => void;
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
export function createWatchCache(cluster: Cluster, query: WatchQuery, pace = standardPace): WatchCache {
  const closing = new AbortController();
  const router = createChangeRouter();
  const rewinds = new Set<() => void>();
  const store = createObjectStore(cluster.memory);
  const listed = Promise.withResolvers<void>();
  // Whoever does not wait for it has nothing to handle either.
  heardElsewhere(listed.promise);
  let listedAt: number | undefined;
  let renewal = new AbortController();
  let failure: Failure | undefined;
  const follower: Follower = {
    cluster,
    query,
    pace,
    store,
    emit(changes) {
      for (const change of changes) router.route(change);
    },
    rewound() {
      for (const listener of [...rewinds]) listener();
    },
    listed() {
      listedAt = performance.now();
      listed.resolve();
    },
    beginWatch() {
      renewal = new AbortController();
      return renewal.signal;
    },
    relist: () => renewal.abort(),
    failed(problem) {
      failure = problem;
    },
  };
  const ended = follow(follower, closing.signal).catch((thrown: unknown) => {
    failure = toFailure(thrown);
    listed.reject(failure);
  });
  return {
    ready: (signal) => abortable(listed.promise, signal),
    get hasListed() {
      return listedAt !== undefined;
    },
    get: (id) => store.get(id.namespace ?? "", id.name),
    all: store.all,
    by: store.by,
    onChange: router.onChange,
    onChangeOf: router.onChangeOf,
    onRewind(listener) {
      const entry = guarded(listener, reportBug);
      rewinds.add(entry);
      return () => void rewinds.delete(entry);
    },
    renew() {
      if (listedAt !== undefined && performance.now() - listedAt >= pace.renewAfterMs) renewal.abort();
    },
    failure: () => failure,
    close() {
      closing.abort(new Failure("Interrupted", { message: "the watch was closed" }));
      return ended.finally(() => store.leave());
    },
  };
}
