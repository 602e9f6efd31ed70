export {
  createStageRenderer,
  type DesiredStage,
  findStageRemotes,
  type RenderStages,
  type Variables,
} from "../sandbox/index.ts";
export { labelledInventory } from "./inventory/labelled.ts";
export { allHealthy, isUnhealthy, maintain } from "./maintain.ts";
export { contentDigest, type Open, openStages, type Unseal, type Vouch } from "./observe/desired.ts";
export { servedKind } from "./observe/resolve.ts";
export type { Outcome } from "./outcome.ts";
export { objectsWithoutKeys, planStages } from "./plan-stages.ts";
export { type Policy, policyOf } from "./policy.ts";
export { type Prepared, prepare } from "./prepare.ts";
export { planRemoval, remove } from "./remove.ts";
export { type Attempt, fail, type Journal, type Made, rollBack, rollOut } from "./roll-out.ts";
export type { Snapshot } from "./snapshot/read-snapshot.ts";
export {
  isSnapshotOf,
  readSnapshot,
  snapshotName,
  snapshotNames,
  snapshotParts,
  snapshotSecrets,
} from "./snapshot/snapshot.ts";
export type { ApplyTarget } from "./target/apply-target.ts";
export { createComparisonCache } from "./target/comparison-cache.ts";
export { noOwnershipPeers, type OwnershipPeers } from "./target/ownership-peers.ts";
export { type Slot, unlimitedSlot } from "./target/slot.ts";
export { createEvidenceView, type EvidenceView } from "./watch/evidence.ts";
export { createLiveView, type LiveView } from "./watch/live-view.ts";
