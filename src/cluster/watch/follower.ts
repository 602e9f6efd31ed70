import type { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Cluster, ResourceType } from "../cluster.ts";
import type { Change, ObjectStore } from "./store.ts";

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

/** What a cache is followed with: where it asks, where it keeps what it sees, and whom it tells. */
export interface Follower {
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

/** How far a follower has come. */
export interface Progress {
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

/** Starts a watch with whatever there is: what was deleted since the last one is never told. */
export const anyVersion = "";
