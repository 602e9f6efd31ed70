import type { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Cluster, ResourceType } from "../cluster.ts";
import type { Change, ObjectStore } from "./store.ts";

/** What is watched. */
export interface WatchQuery {
  readonly resource: ResourceType;
  /** Absent or empty: all namespaces. */
  readonly namespace?: string;
  /** An object that stops matching counts as deleted. */
  readonly labelSelector?: string;
  /** Nothing but `apiVersion`, `kind` and `metadata`; else whole objects. Neither holds `metadata.managedFields`. */
  readonly metadataOnly: boolean;
}

/** The pace of a cache; tests make it faster. */
export interface WatchPace {
  /** The API server ends each watch after about this long. */
  readonly serverTimeoutSeconds: number;
  /** Bookmarks come about every minute: after this long without a byte the connection counts as dead. */
  readonly silenceMs: number;
  /** After a watch that lasted this long, back-off starts again with the shortest pause. */
  readonly stableMs: number;
  readonly shortestPauseMs: number;
  readonly longestPauseMs: number;
  /** `renew` does nothing within this time after a list. */
  readonly renewAfterMs: number;
}

/** What keeping a cache current needs: where to ask, where to store, whom to call. */
export interface Follower {
  readonly cluster: Cluster;
  readonly query: WatchQuery;
  readonly pace: WatchPace;
  readonly store: ObjectStore;
  emit(changes: readonly Change[]): void;
  rewound(): void;
  /** A list was read. */
  listed(): void;
  /** The signal of the watch that begins now: aborted when a list is to replace it. */
  beginWatch(): AbortSignal;
  /** Aborts that signal. */
  relist(): void;
  failed(failure: Failure | undefined): void;
}

/** What is held of an object, to bound memory. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: metadata as KubeObject["metadata"] };
}

/** The state of a follower between requests. */
export interface Progress {
  /** The version to resume from; absent where a list is needed, `anyVersion` after a list without one. */
  version: string | undefined;
  /** The last known version, also where a list is needed: every change up to it was seen. */
  latest: string | undefined;
  /** The last watch ended early: the API server may have gone down, and come back with older data. */
  mayBeRestored: boolean;
  /** Versions went back; listeners hear of it with the next list. */
  rewound: boolean;
  listedOnce: boolean;
  failuresInRow: number;
}

/** Starts a watch at whatever version there is: deletions since the last list are never sent. */
export const anyVersion = "";
