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
  /** Its projection is the one of the moment, and may be another one by the next list. */
  readonly query: WatchQuery;
  readonly pace: WatchPace;
  readonly store: ObjectStore;
  tell(changes: readonly Change[]): void;
  rewound(): void;
  /** A list was read, of metadata alone or whole. */
  listed(metadataOnly: boolean): void;
  /** Aborted when the watch that begins now is to be given up. */
  renewable(): AbortSignal;
  /** Aborts it: a list is next. */
  giveUp(): void;
  failed(failure: Failure | undefined): void;
}

/** What is held of an object, to bound memory. */
export function withoutManagedFields(object: KubeObject): KubeObject {
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata: metadata as KubeObject["metadata"] };
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
  /** The projection of the last list that was asked for; absent before the first. */
  metadataOnly: boolean | undefined;
  listedOnce: boolean;
  failuresInRow: number;
}

/** Starts a watch with whatever there is: what was deleted since the last one is never told. */
export const anyVersion = "";
