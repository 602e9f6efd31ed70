import type { ConditionReason, NewCondition } from "../../../api/conditions.ts";
import { intervalMilliseconds } from "../../../api/duration.ts";
import type { Failure } from "../../../model/failure.ts";
import { describeId } from "../../../model/object-id.ts";
import type { Plan } from "../../../model/plan.ts";
import { shortRevision } from "../../../model/revision.ts";
import { allHealthy, type Outcome } from "../../../rollout/index.ts";
import { reasons } from "../../kernel/reasons.ts";
import { healthy, stalled } from "../status/condition-sets.ts";
import { noDrift } from "../status/drift-status.ts";
import { addHistory } from "../status/history.ts";
import { failedFields, logsOf, toStatusProblems } from "../status/problems.ts";
import type { Decision, DecisionInput } from "./decision.ts";

/** A revision failed, and the last healthy one is back. */
export function decideRolledBack(outcome: Extract<Outcome, { type: "rolledBack" }>, at: DecisionInput): Decision {
  const { failed: bad, to, cause, inventory, plan, pruneFailure } = outcome;
  const message = `revision ${shortRevision(bad)} failed: ${cause.message}; rolled back to ${shortRevision(to)}, which is healthy${leftBy(plan)}${butNotDeleted(pruneFailure)}`;
  // What is still to be deleted is known by the attempt, which goes on until that is done.
  const unfinished = pruneFailure && {
    attempt: at.before.attempt ?? null,
    problems: toStatusProblems(pruneFailure.problems),
  };
  return {
    status: {
      conditions: [...stalled("RolledBack", message), healthy(allHealthy(inventory).message), noDrift],
      fields: {
        ...failedFields("RolledBack", message, cause),
        ...unfinished,
        lastAppliedRevision: to,
        inventory: { entries: [...inventory.entries] },
        history: addHistory(at, { revision: bad, digest: plan.digest, outcome: "RolledBack", message: cause.message }),
      },
    },
    event: { type: "Warning", reason: "RolledBack", message, ...logsOf(cause) },
    requeueMs: unfinished && intervalMilliseconds(at.spec.retryInterval),
  };
}

const mostNamed = 5;

/** What a rollback did not delete although only the failed revision wanted it, with why. */
function leftBy({ actions }: Plan): string {
  const left = actions.flatMap(({ id, action }) =>
    action.type === "orphan" && action.remembered === "created" ? [`${describeId(id)} (${action.reason})`] : [],
  );
  if (left.length === 0) return "";
  const more = left.length > mostNamed ? ` and ${left.length - mostNamed} more` : "";
  return `; left in the cluster: ${left.slice(0, mostNamed).join(", ")}${more}`;
}

/** A revision failed, and so did the rollback. */
export function decideRollbackFailed(
  outcome: Extract<Outcome, { type: "rollbackFailed" }>,
  at: DecisionInput,
): Decision {
  const { failed: bad, to, cause, rollbackCause } = outcome;
  const message = `revision ${shortRevision(bad)} failed: ${cause.message}; the rollback to ${shortRevision(to)} failed too: ${rollbackCause.message}`;
  const unhealthy: NewCondition = {
    type: "Healthy",
    status: "False",
    reason: "RollbackFailed",
    message: rollbackCause.message,
  };
  return {
    status: {
      conditions: [...stalled("RollbackFailed", message), unhealthy],
      fields: {
        ...failedFields("RollbackFailed", message, cause),
        history: addHistory(at, { revision: bad, digest: "", outcome: "RollbackFailed", message }),
      },
    },
    event: { type: "Warning", reason: "RollbackFailed", message, ...logsOf(cause) },
    requeueMs: undefined,
  };
}

function whyNotBack({ spec, pinned }: DecisionInput): string {
  if (pinned) return "it is pinned, so nothing else is rolled out before mooring rollback --to or mooring resume";
  return spec.rollback === "off" ? "rollback is off" : "there is no healthy revision to go back to";
}

/** A revision failed, and there is nothing to go back to. */
export function decideFailed(outcome: Extract<Outcome, { type: "failed" }>, at: DecisionInput): Decision {
  const { failed: bad, cause } = outcome;
  const reason = reasons[cause.code];
  const back = whyNotBack(at);
  const message = `revision ${shortRevision(bad)} failed: ${cause.message}; ${back}`;
  return {
    status: {
      conditions: [...stalled(reason, message), { type: "Healthy", status: "False", reason, message: cause.message }],
      fields: {
        ...failedFields(reason, message, cause),
        history: addHistory(at, { revision: bad, digest: "", outcome: "Failed", message: cause.message }),
      },
    },
    event: { type: "Warning", reason, message, ...logsOf(cause) },
    requeueMs: undefined,
  };
}

/** Why nothing more is tried, said again: an error in between has taken its place in the conditions. */
export function stalledBefore({ before }: Pick<DecisionInput, "before">): readonly NewCondition[] {
  if (before.failedReason === undefined) return [];
  return stalled(before.failedReason as ConditionReason, before.failedMessage ?? "");
}
/** What a message adds where not everything could be deleted. */
export function butNotDeleted(failure: Failure | undefined): string {
  return failure === undefined ? "" : `, but could not delete: ${failure.message}`;
}
