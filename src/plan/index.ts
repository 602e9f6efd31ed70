export { type Danger, dangersOf, type MovedImage, movedImages } from "./dangers.ts";
export { pointerTokens } from "./diff.ts";
export { fieldPath } from "./field-path.ts";
export { ignoring, type LeftToOthers } from "./ignored.ts";
export { leaveToOthers } from "./leave-to-others.ts";
export { type LineMask, lineMask, lineMaskSteps } from "./line-mask.ts";
export { compareForApply, type Wave, waveOf, waves } from "./order.ts";
export { describeOwner, type Owner, ownerOf, sameOwner, wantedBy, withOwner } from "./owner.ts";
export {
  changedFields,
  changes,
  type GoingBack,
  isTerminating,
  makePlan,
  mayRecreate,
  type Observed,
  type OthersSay,
  planSteps,
  whyLeft,
} from "./plan.ts";
export { keptKinds } from "./removals.ts";
export { secretValues } from "./secret-values.ts";
export { serverFieldWarning, withoutServerFields } from "./server-owned.ts";
export { storedForm } from "./string-data.ts";
export { isTakeOver, takeOver, takeOverPatch, withoutStuckPatch } from "./take-over.ts";
export { formatChanges, formatCounts, type Paint } from "./wording.ts";
