import type { ConditionReason } from "../../../api/conditions.ts";
import type { EnvironmentSpec } from "../../../api/environment/environment-spec.ts";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import type { StatusChange } from "./status.ts";

/** Something that happened, told once: as a Kubernetes Event and to whoever is notified. */
export interface NotableEvent {
  readonly type: "Normal" | "Warning";
  readonly reason:
    | ConditionReason
    | "DriftCorrected"
    | "RolloutStarted"
    | "BranchRewritten"
    | "SnapshotInvalid"
    | "ServerFieldsIgnored"
    | "DeletionAbandoned";
  readonly message: string;
  /** The last lines of a container's log, oldest first. */
  readonly logs?: readonly string[];
  /** It is beside what came of a pass, and told again only where it is told in other words. */
  readonly aside?: boolean;
  /** It is logged, and no Event is written: whoever wants to know sees it in the status. */
  readonly logOnly?: boolean;
}

/** What follows from a pass: the status, what to tell, and when to look again without being asked. */
export interface Decision {
  readonly status: StatusChange;
  readonly event: NotableEvent | undefined;
  /** Milliseconds; undefined: only a trigger (commit, spec, drift, dependency, the interval) wakes the environment. */
  readonly retryMs: number | undefined;
}

/** What a decision starts from. */
export interface DecisionInput {
  readonly spec: EnvironmentSpec;
  /** Somebody chose the revision. */
  readonly pinned: boolean;
  /** The status as it stands. */
  readonly before: EnvironmentStatus;
  /** The revision that the pass was about, where it had come to one. */
  readonly attempted: string | undefined;
  /** When the pass began. */
  readonly started: Date;
  readonly now: Date;
  /** How many passes in a row ended in an error, this one included. */
  readonly errors: number;
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
