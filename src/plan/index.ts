export { type Danger, dangersOf, type MovedImage, movedImages } from "./dangers.ts";
export { pointerTokens } from "./diff.ts";
export { autoscalerRules, ignoredPaths, leaveToOthers } from "./ignored.ts";
export { compareForApply, waveOf, waves } from "./order.ts";
export { type Owner, ownerOf, withOwner } from "./owner.ts";
export { changedFields, changes, keptKinds, makePlan, type Observed } from "./plan.ts";
export { storedForm } from "./string-data.ts";
export { isTakeOver, takeOver, takeOverPatch, withoutStuckPatch } from "./take-over.ts";
