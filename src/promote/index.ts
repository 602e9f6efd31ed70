export { statusContext, type WantedStatus, wantedStatuses } from "./commit-status.ts";
export type { GatherTree, Overlay } from "./effect.ts";
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
export { type Opening, overlayOf, promotionRendering } from "./overlay.ts";
export { type PromotionPreview, previewPromotion } from "./preview.ts";
export { promote } from "./promote.ts";
export { type Proven, proofKey, proofOf } from "./proof.ts";
export { createRecall, type Recall } from "./recall.ts";
export { proposeRestoration, type Restoration, type RestoreTools } from "./restore.ts";
export { type BadCommit, badCommitOf, type RevertOutcome, revert } from "./revert.ts";
export type { PromotionOutcome, PromotionTask, PromotionTools, Reconsidered } from "./task.ts";
export { formatPlanMarkdown } from "./text/plan-markdown.ts";
