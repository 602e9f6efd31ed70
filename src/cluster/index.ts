export {
  type AccessReview,
  type Applied,
  type ApplyOptions,
  type Cluster,
  type Deleted,
  type DeleteOptions,
  type ListOptions,
  type LogOptions,
  type ObjectList,
  type ObjectRef,
  type Patch,
  type RequestCounts,
  type ResourceType,
  refOf,
  type WatchEvent,
  type WatchOptions,
  type WriteOptions,
} from "./cluster.ts";
export { connect } from "./connect.ts";
export { ConflictFailure } from "./failures/api-failure.ts";
export { type AccessFlags, findAccess } from "./kubeconfig/access.ts";
export type { WatchedObjects } from "./watch/cache.ts";
export type { WatchQuery } from "./watch/follower.ts";
export { createWatchHub, type WatchHub } from "./watch/hub.ts";
export type { KeysOf } from "./watch/object-index.ts";
export type { Subscription } from "./watch/shared-watch.ts";
export type { Change } from "./watch/store.ts";
