export {
  createStageRenderer,
  type DesiredStage,
  findStageRemotes,
  type RenderStages,
  type Variables,
} from "../sandbox/index.ts";
export type { ApplyTarget } from "./apply-target.ts";
export { carriedInventory } from "./carried.ts";
export { type ComparisonCache, createComparisonCache } from "./comparison-cache.ts";
export { contentDigest, type Open, openStages, type Unseal, type Vouch } from "./desired.ts";
export { allHealthy, isIll, maintain } from "./maintain.ts";
export type { Health, Kept, Outcome } from "./outcome.ts";
export { noOwnershipPeers, type OwnershipPeers } from "./ownership-peers.ts";
export { planTrees, type TreesPlan, type TwoTrees, unlessBroken } from "./plan-trees.ts";
export { policyOf } from "./policy.ts";
export { type Policy, type Prepared, plannedInventory, prepare } from "./prepare.ts";
export type { Snapshot } from "./read-snapshot.ts";
export { planRemoval, remove } from "./remove.ts";
export { servedKind } from "./resolve.ts";
export { type Attempt, fail, type Journal, type Made, type Rollback, rollBack, rollOut } from "./roll-out.ts";
export { type Slot, unlimitedSlot } from "./slot.ts";
export {
  isSnapshotOf,
  readSnapshot,
  snapshotName,
  snapshotNames,
  snapshotParts,
  snapshotSecrets,
} from "./snapshot.ts";
export { createEvidenceView, type EvidenceView } from "./watch/evidence.ts";
export { createLiveView, type LiveView } from "./watch/live-view.ts";
export { createLiveWatches, type LiveWatches } from "./watch/live-watches.ts";
