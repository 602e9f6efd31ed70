export { type Opening, openingOf, readSopsItems } from "./decryption.ts";
export { type Content, type DesiredTools, desiredStages } from "./desired.ts";
export { atPin, isPinned } from "./pin.ts";
export { planTrees, type TreesPlan, type TwoTrees, unlessBroken } from "./plan-trees.ts";
export { createRights, type Rights } from "./rights.ts";
export { findSecret, readSecret } from "./secrets.ts";
export { createSnapshotStore, type SnapshotStore } from "./snapshots.ts";
export { type ReadSource, readSource } from "./source.ts";
export { applyTarget, type TargetConnection } from "./target.ts";
export {
  clusterVariables,
  type HasVariables,
  inlineVariables,
  maskedVariables,
  type ReadVariables,
} from "./variables.ts";
export { createVoucher, type Stand } from "./voucher.ts";
