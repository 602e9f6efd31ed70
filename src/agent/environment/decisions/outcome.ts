import type { Outcome } from "../../../rollout/index.ts";
import { decideMaintained, decideRolledOut } from "./applied.ts";
import type { Decision, DecisionInput } from "./decision.ts";
import { decideFailed, decideRollbackFailed, decideRolledBack, stalledBefore } from "./failed.ts";
import { decideDeletionHeld, decideHeld } from "./held.ts";

/** What follows from the outcome of a rollout; `requeueMs` says when it must be tried again, whatever the interval. */
export function decideOutcome(outcome: Outcome, at: DecisionInput): Decision {
  switch (outcome.type) {
    case "rolledOut":
      return decideRolledOut(outcome, at);
    case "maintained":
      return decideMaintained(outcome, at);
    case "held":
      return decideHeld(outcome);
    case "deletionHeld":
      return decideDeletionHeld(outcome);
    case "rolledBack":
      return decideRolledBack(outcome, at);
    case "rollbackFailed":
      return decideRollbackFailed(outcome, at);
    case "failed":
      return decideFailed(outcome, at);
    case "stopped":
      return {
        status: { conditions: stalledBefore(at), fields: { problems: null } },
        event: undefined,
        requeueMs: undefined,
      };
  }
}
