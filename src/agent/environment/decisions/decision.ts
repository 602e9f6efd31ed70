import type { ConditionReason } from "../../../api/conditions.ts";
import type { EnvironmentSpec } from "../../../api/environment/environment-spec.ts";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import type { DecisionTime, Decision as KernelDecision, NotableEvent as KernelEvent } from "../../kernel/decision.ts";
import type { StatusChange as KernelChange, StatusWriter as KernelWriter } from "../../kernel/status-writer.ts";

/** What is to change in an Environment's status. */
export type StatusChange = KernelChange<EnvironmentStatus>;

/** The only writer of an Environment's status. */
export type StatusWriter = KernelWriter<EnvironmentStatus>;

/** Something about an Environment that people should hear of. */
export type NotableEvent = KernelEvent<
  | ConditionReason
  | "DriftCorrected"
  | "RolloutStarted"
  | "BranchRewritten"
  | "SnapshotInvalid"
  | "ServerFieldsIgnored"
  | "DeletionAbandoned"
>;

/** What follows from a pass over an Environment, where that changes its status. */
export interface Decision extends KernelDecision<EnvironmentStatus, NotableEvent> {
  readonly status: StatusChange;
}

/** What a decision starts from. */
export interface DecisionInput extends DecisionTime {
  readonly spec: EnvironmentSpec;
  /** Somebody chose the revision. */
  readonly pinned: boolean;
  /** The status as it stands. */
  readonly before: EnvironmentStatus;
  /** The revision that the pass was about, where it had come to one. */
  readonly attempted: string | undefined;
  /** When the pass began. */
  readonly started: Date;
}

/** The decision about a pinned Environment: that it is ready does not mean that it follows its branch. */
export function showPin(decision: Decision): Decision {
  const conditions = decision.status.conditions?.map((condition) =>
    condition.type === "Ready" && condition.status === "True"
      ? { ...condition, reason: "Pinned" as const, message: `${condition.message}; pinned until mooring resume` }
      : condition,
  );
  return conditions === undefined ? decision : { ...decision, status: { ...decision.status, conditions } };
}
