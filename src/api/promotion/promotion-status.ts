import Type, { type Static } from "typebox";
import { conditionSchema } from "../condition-schema.ts";
import type { Condition, ConditionReason } from "../conditions.ts";

/** The conditions of a Promotion; they mean what kstatus says they mean. */
export type PromotionConditionType = "Ready" | "Reconciling" | "Stalled";

/** Every reason that a condition of a Promotion can carry; errors have the reason that an Environment gives them. */
export type PromotionReason =
  /** The pull request is open, and people merge it. */
  | "Proposed"
  /** The target branch has what is proven. */
  | "UpToDate"
  /** The pull request is open and to be merged when checks, reviews and the branch allow it. */
  | "MergeBlocked"
  /** It is not merged: `hold`, or the label. */
  | "Held"
  /** Somebody closed the pull request; only a newer revision is proposed again. */
  | "Declined"
  /** Healthy, but not for long enough. */
  | "Soaking"
  /** The source environment has nothing to show. */
  | "NotProven"
  /** Somebody pushed to the branch of the pull request. */
  | "HeadMoved"
  | "EnvironmentMissing"
  | ConditionReason;

const PullRequestStatus = Type.Object(
  {
    number: Type.Integer({ description: "Its number." }),
    url: Type.String({ description: "Its page." }),
    state: Type.Enum(["open", "merged", "closed"], { description: "open, merged, or closed without a merge." }),
  },
  { description: "The pull request of this Promotion, the newest." },
);

const Evidence = Type.Object(
  {
    environment: Type.String({ description: "The Environment, as namespace/name." }),
    revision: Type.String({ description: "The revision that runs there." }),
    digest: Type.String({ description: "The digest of the plan that brought it." }),
    since: Type.String({ format: "date-time", description: "Since when it has been healthy." }),
  },
  { description: "What proves the proposed revision." },
);

/** What the agent writes. One writer, `agent/kernel/status-writer.ts`. */
export const PromotionStatus = Type.Object(
  {
    observedGeneration: Type.Optional(
      Type.Integer({ description: "The generation of the spec that was last acted on." }),
    ),
    conditions: Type.Optional(
      Type.Array(conditionSchema("Ready, Reconciling or Stalled."), {
        description: "The observed state of the promotion.",
      }),
    ),
    proposedRevision: Type.Optional(
      Type.String({ description: "The revision that the branch of the pull request was last set to." }),
    ),
    pullRequest: Type.Optional(PullRequestStatus),
    evidence: Type.Optional(Evidence),
  },
  { description: "The observed state of the promotion." },
);

/** What proves a revision. */
export type Evidence = Static<typeof Evidence>;
/** A pull request as the status remembers it. */
export type PullRequestStatus = Static<typeof PullRequestStatus>;
/** A condition of a Promotion. */
export type PromotionCondition = Condition<PromotionConditionType, PromotionReason>;
/** The status as the agent writes it; conditions have their closed vocabulary. */
export type PromotionStatus = Omit<Static<typeof PromotionStatus>, "conditions"> & {
  readonly conditions?: readonly PromotionCondition[];
};
