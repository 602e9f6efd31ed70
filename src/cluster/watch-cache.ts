import { guarded, reportBug } from "../clock/index.ts";
import { Failure, type FailureCode, toFailure } from "../model/failure.ts";
import { heardElsewhere } from "../model/heard-elsewhere.ts";
import type { KubeObject } from "../model/manifest.ts";
import { compareVersions, isOlder } from "../model/resource-version.ts";
import { createBackoff } from "./backoff.ts";
import type { Cluster, ResourceType, WatchEvent } from "./cluster.ts";
import { abortable, interruption } from "./interruption.ts";
import { type Change, createObjectStore, isUndone, type Newest, type ObjectStore } from "./object-store.ts";
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
  const rewinds = new Set<() => void>();
  const store = createObjectStore();
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
  rewound(): void;
  listed(): void;
  /** Aborted when the watch that begins now is to be given up. */
  renewable(): AbortSignal;
  /** Aborts it: a list is next. */
  giveUp(): void;
  failed(failure: Failure | undefined): void;
}

const refusals: readonly FailureCode[] = ["Forbidden", "Unauthorized", "KindUnknown", "SpecInvalid"];

/** How far a follower has come. */
interface Progress {
  /** The version to go on from; absent where a list is needed, `anyVersion` after one that told none. */
  version: string | undefined;
  /** The last version there was, also where a list is needed: until then every change was seen. */
  latest: string | undefined;
  /** The watch ended before its time: that may have been the end of an API server whose data are others when it returns. */
  doubtful: boolean;
  /** Versions went back; to be told with the next list. */
  rewound: boolean;
  listedOnce: boolean;
  failuresInRow: number;
}

/** Lists and watches until the signal is aborted. Throws its reason, or the refusal of the very first list. */
async function follow(follower: Follower, signal: AbortSignal): Promise<never> {
  const { pace } = follower;
  const backoff = createBackoff({ shortestMs: pace.shortestPauseMs, longestMs: pace.longestPauseMs });
  const rest = pausesUntilReturn(follower.cluster);
  const progress: Progress = {
    version: undefined,
    latest: undefined,
    doubtful: false,
    rewound: false,
    listedOnce: false,
    failuresInRow: 0,
  };
  for (;;) {
    const started = performance.now();
    const renewed = follower.renewable();
    try {
      progress.version ??= await list(follower, progress, signal);
      progress.listedOnce = true;
      const ends = AbortSignal.any([signal, renewed]);
      await whileChecked(follower, progress, ends, () => watch(follower, progress, ends));
    } catch (thrown) {
      if (signal.aborted) throw interruption(signal);
      if (!renewed.aborted) stumble(follower, progress, toFailure(thrown));
    }
    if (renewed.aborted || progress.version === anyVersion) progress.version = undefined;
    if (performance.now() - started >= pace.stableMs) backoff.reset();
    await rest(backoff.next(), signal);
  }
}

function stumble(follower: Follower, progress: Progress, failure: Failure): void {
  if (!progress.listedOnce && refusals.includes(failure.code)) throw failure;
  follower.failed(failure);
  progress.doubtful = true;
  progress.failuresInRow++;
  if (progress.failuresInRow >= failuresBeforeList) progress.version = undefined;
  if (failure.code === "KindUnknown") {
    // Its definition was deleted, and all its objects with it.
    progress.version = undefined;
    // It may only be served no more, and come back with the objects that it had.
    progress.latest = undefined;
    follower.tell(follower.store.replace([]));
  }
}

/**
 * After a restore the API server takes a version that it has not come to yet, and shows nothing until it has; or it has
 * come there by other changes, and shows nothing of those before. So a watch that goes on after one that ended before its
 * time is given up where the API server says that it is not that far, or shows what was seen last as it was before. Where
 * versions have no order nothing can be told, and all is listed anew.
 */
async function whileChecked(
  follower: Follower,
  progress: Progress,
  signal: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  if (!progress.doubtful) return work();
  const over = new AbortController();
  const checked = checkMoment(follower, progress, AbortSignal.any([signal, over.signal])).catch((thrown: unknown) => {
    // An API server that does not answer is asked again with the next watch.
    const failure = toFailure(thrown);
    if (failure.code === "Bug") reportBug(failure);
  });
  try {
    await work();
  } finally {
    over.abort();
    await checked;
  }
}

async function checkMoment(follower: Follower, progress: Progress, signal: AbortSignal): Promise<void> {
  const { version } = progress;
  const { newest } = follower.store;
  const seen = await newestNow(follower, newest, signal);
  progress.doubtful = false;
  const order = version === undefined ? 0 : compareVersions(seen.version, version);
  // An API server that started anew may have written more since than the restore took back.
  progress.rewound = (order ?? 0) < 0 || (newest !== undefined && isUndone(newest, seen.object));
  const gone = newest !== undefined && !newest.deleted && seen.object === undefined;
  if (progress.rewound || order === undefined || gone) follower.giveUp();
}

/** The version of now, and with it, where there is one, the object that was seen last, as it is now. */
async function newestNow({ cluster, options }: Follower, newest: Newest | undefined, signal: AbortSignal) {
  if (newest === undefined)
    return { version: await cluster.moment(options.resource, options, signal), object: undefined };
  const { name, namespace } = newest.object.metadata;
  const { labelSelector } = options;
  const where = {
    ...(namespace === undefined ? {} : { namespace }),
    // Who only lost the label is deleted to us, and there.
    ...(labelSelector === undefined ? {} : { labelSelector }),
    fieldSelector: `metadata.name=${name}`,
  };
  const { items, resourceVersion } = await cluster.list(options.resource, { ...where, metadataOnly: true }, signal);
  return { version: resourceVersion, object: items[0] };
}

async function list(
  { cluster, options, store, ...follower }: Follower,
  progress: Progress,
  signal: AbortSignal,
): Promise<string> {
  const { items, ...listed } = await cluster.list(options.resource, options, signal);
  const resourceVersion = toldVersion(listed.resourceVersion) ?? anyVersion;
  const rewound =
    progress.rewound || isOlder(resourceVersion, progress.latest) || store.isBehind(items, progress.latest);
  progress.latest = resourceVersion;
  progress.rewound = false;
  progress.doubtful = false;
  follower.tell(store.replace(items));
  follower.failed(undefined);
  follower.listed();
  if (rewound) follower.rewound();
  return resourceVersion;
}

async function watch(follower: Follower, progress: Progress, signal: AbortSignal): Promise<void> {
  const { cluster, options, pace } = follower;
  // Between four fifths and the whole, so that the watches of many kinds do not all end at once.
  const timeoutSeconds = Math.ceil(pace.serverTimeoutSeconds * (0.8 + Math.random() / 5));
  const resourceVersion = progress.version ?? anyVersion;
  const asked = { ...options, resourceVersion, timeoutSeconds, silenceMs: pace.silenceMs };
  const started = performance.now();
  for await (const event of cluster.watch(options.resource, asked, signal)) {
    take(follower, progress, event);
    // Nothing to go on from: a list is next.
    if (progress.version === undefined) return;
    progress.latest = progress.version;
  }
  // An API server that is shut down ends its watches in order as well.
  if (performance.now() - started < timeoutSeconds * 1000) progress.doubtful = true;
}

function take({ store, options, tell, failed }: Follower, progress: Progress, event: WatchEvent): void {
  switch (event.type) {
    case "OPENED":
      progress.failuresInRow = 0;
      failed(undefined);
      return;
    case "ADDED":
    case "MODIFIED":
      progress.version = notBefore(progress.version, event.object.metadata.resourceVersion);
      if (progress.version !== undefined) tell(store.put(options.keep(event.object)));
      return;
    case "DELETED":
      tell(store.remove(options.keep(event.object)));
      progress.version = notBefore(progress.version, event.object.metadata.resourceVersion);
      return;
    case "BOOKMARK":
      // One without a version says nothing.
      progress.version = notBefore(progress.version, toldVersion(event.resourceVersion) ?? progress.version);
      return;
    case "EXPIRED":
      progress.version = undefined;
      return;
  }
}

/** Starts a watch with whatever there is: what was deleted since the last one is never told. */
const anyVersion = "";

/** A version that is one: "" and "0" stand for any, and none goes on from there ("Resource versions" in Kubernetes' API concepts). */
function toldVersion(version: string | undefined): string | undefined {
  return version === anyVersion || version === "0" ? undefined : version;
}

/** The version to go on from, or undefined where there is none or versions go back, so that only a list tells what there is. */
function notBefore(known: string | undefined, version: string | undefined): string | undefined {
  return isOlder(version, known) ? undefined : toldVersion(version);
}

function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: metadata as KubeObject["metadata"] };
}
