export {
  type AccessReview,
  type Applied,
  type ApplyOptions,
  type Cluster,
  type Deleted,
  type DeleteOptions,
  type Impersonation,
  type ListOptions,
  type LogOptions,
  type ObjectList,
  type ObjectRef,
  type Patch,
  type RequestCounts,
  type RequestKind,
  type ResourceType,
  refOf,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from "./cluster.ts";
export { connect } from "./connect.ts";
export { ConflictFailure, type FieldConflict } from "./failures/api-failure.ts";
export { type AccessFlags, type ClusterAccess, findAccess } from "./kubeconfig/access.ts";
export type { WatchedObjects } from "./watch/cache.ts";
export type { WatchPace, WatchQuery } from "./watch/follower.ts";
export { createWatchHub, type WatchHub } from "./watch/hub.ts";
export type { KeysOf } from "./watch/object-index.ts";
export type { Subscription, WatchState } from "./watch/shared-watch.ts";
export type { Change } from "./watch/store.ts";
