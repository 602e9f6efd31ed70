import type { Failure } from "../../model/failure.ts";
import type { RevertOutcome } from "../../promote/index.ts";
import type { Decision, DecisionTime, Ended, NotableEvent } from "../kernel/decision.ts";
import { requeueAfterFailure } from "../kernel/requeue-after-failure.ts";
import type { AnyStatus } from "../kernel/status-writer.ts";

/** What came of telling a forge: what became of the pull request that reverts a revision, where there is one. */
export type FollowerOutcome = RevertOutcome | undefined;

/** Something that people should hear of: in the log where the forge refused, else as an Event of the Environment. */
export interface FollowerEvent extends NotableEvent<"RevertProposed" | "ForgeFailed"> {
  readonly failure?: Failure;
}

/** What a decision starts from. */
export interface FollowerDecisionInput extends DecisionTime {
  readonly intervalMs: number;
}

const firstRetryMs = 2_000;

/** The decider of forge followers: what failed is tried again; else the next pass waits for a change of the Environment. */
export function decideFollower(
  ended: Ended<FollowerOutcome>,
  { intervalMs, ...time }: FollowerDecisionInput,
): Decision<AnyStatus, FollowerEvent> {
  if (ended.type === "outcome") return { status: undefined, event: revertEvent(ended.outcome), requeueMs: undefined };
  const { failure } = ended;
  const requeueMs = requeueAfterFailure(failure, { firstMs: firstRetryMs, intervalMs, resyncMs: intervalMs, ...time });
  return { status: undefined, event: forgeFailed(failure), requeueMs };
}

/** The forge did not take something. */
export function forgeFailed(failure: Failure): FollowerEvent {
  return { type: "Warning", reason: "ForgeFailed", message: failure.message, standalone: true, failure };
}

function revertEvent(outcome: FollowerOutcome): FollowerEvent | undefined {
  if (outcome === undefined || outcome.action === "none") return undefined;
  const message = `${outcome.action} the pull request ${outcome.request?.url ?? ""}`;
  return { type: "Normal", reason: "RevertProposed", message, recurring: true };
}
