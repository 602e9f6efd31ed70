import { intervalMilliseconds } from "../../../api/duration.ts";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import type { Outcome } from "../../../rollout/index.ts";
import type { Ended, Decision as KernelDecision } from "../../kernel/decision.ts";
import { type SourceState, withSource } from "../status/source-status.ts";
import { type Decision, type DecisionInput, type NotableEvent, showPin } from "./decision.ts";
import { decideError } from "./error-decision.ts";
import { decideOutcome } from "./outcome.ts";

/** What came of a pass over an Environment. */
export type PassOutcome =
  | Outcome
  /** There was nothing to do. */
  | { readonly type: "idle" }
  | { readonly type: "suspended" }
  /** It is gone, with what its deletion policy says. */
  | { readonly type: "deleted" }
  /** It is gone, and objects of it are left. */
  | { readonly type: "abandoned" };

/** What the decider of Environments starts from. */
export interface EnvironmentDecisionInput extends DecisionInput {
  /** What is known of the repository, where the pass has a source. */
  readonly source: SourceState | undefined;
}

/** The decider of Environments: how a pass ended → conditions, fields, event, and when the next pass is made. */
export function decideEnvironment(
  ended: Ended<PassOutcome>,
  at: EnvironmentDecisionInput,
): KernelDecision<EnvironmentStatus, NotableEvent> {
  if (ended.type === "failure") return showSource(decideError(ended.failure, at), at);
  const { outcome } = ended;
  switch (outcome.type) {
    case "suspended":
    case "deleted":
    case "abandoned":
      return { status: undefined, event: undefined, requeueMs: undefined };
    case "deletionHeld":
      return everyInterval(decideOutcome(outcome, at), at);
    default: {
      const decision = outcome.type === "idle" ? idle : decideOutcome(outcome, at);
      return everyInterval(showSource(at.pinned ? showPin(decision) : decision, at), at);
    }
  }
}

const idle: Decision = { status: {}, event: undefined, requeueMs: undefined };

function showSource(decision: Decision, { source, before }: EnvironmentDecisionInput): Decision {
  return source === undefined ? decision : { ...decision, status: withSource(decision.status, source, before) };
}

/** Drift that no watch has shown, and whatever else was missed, is found with the interval. */
function everyInterval(decision: Decision, { spec }: DecisionInput): Decision {
  const interval = intervalMilliseconds(spec.interval);
  return { ...decision, requeueMs: Math.min(decision.requeueMs ?? interval, interval) };
}
