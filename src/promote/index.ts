export { createPromotionCache, type PromotionCache } from "./cache.ts";
export { statusContext, type WantedStatus, wantedStatuses } from "./commit-status.ts";
export { type Proven, proofKey, proofOf } from "./decide/proof.ts";
export type { GatherTree, Overlay } from "./effect/effect.ts";
export { type Opening, overlayOf, promotionRendering } from "./effect/overlay.ts";
export { type ForgeAccess, type ForgeOptions, forgeAccessFrom } from "./forge/access.ts";
export { createForge } from "./forge/create-forge.ts";
export type {
  Branches,
  Checks,
  CommitRange,
  CommitStatus,
  Forge,
  Merge,
  MergeRefusal,
  MergeResult,
  PullRequest,
  PullRequestChange,
  PullRequestDraft,
  PullRequestState,
  RangeCommit,
  Readiness,
} from "./forge/forge.ts";
export { listedCommits } from "./forge/forge.ts";
export { type PromotionPreview, previewPromotion } from "./preview.ts";
export { promote } from "./promote.ts";
export { proposeRestoration, type Restoration, type RestoreTools } from "./revert/restore.ts";
export { type BadCommit, badCommitOf, type RevertOutcome, revert } from "./revert/revert.ts";
export type { PromotionOutcome, PromotionTask, PromotionTools, Rechecked } from "./task.ts";
export { formatPlanMarkdown } from "./text/plan-markdown.ts";
