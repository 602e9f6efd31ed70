export type { ForgeAccess, ForgeOptions } from "./forge/access.ts";
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
export { formatPlanMarkdown } from "./text/plan-markdown.ts";
