export { type AccessFlags, type ClusterAccess, findAccess } from "./access.ts";
export type { AccessReview } from "./access-reviews.ts";
export { ConflictFailure, type FieldConflict } from "./api-failure.ts";
export {
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
export type { WatchCacheOptions, WatchPace } from "./follower.ts";
export { inParallel } from "./in-parallel.ts";
export type { Change } from "./object-store.ts";
export { createWatchCache, type WatchCache } from "./watch-cache.ts";
