import type { ConditionReason, NewCondition } from "../../../api/conditions.ts";
import { intervalMilliseconds } from "../../../api/duration.ts";
import type { Failure } from "../../../model/failure.ts";
import { describeId } from "../../../model/object-id.ts";
import type { Plan, PlannedAction } from "../../../model/plan.ts";
import { shortRevision } from "../../../model/revision.ts";
import { allHealthy, type Outcome } from "../../../rollout/index.ts";
import { reasons } from "../../kernel/reasons.ts";
import { healthy, notHeld, notReady, ready, stopped } from "./condition-sets.ts";
import type { Decision, DecisionInput, NotableEvent } from "./decision.ts";
import { driftCondition, driftEntries, noDrift } from "./drift-status.ts";
import { addHistory } from "./history.ts";
import { failedFields, logsOf, noFailure, toStatusProblems } from "./problems.ts";
import type { StatusChange } from "./status.ts";

/** Turns the outcome of a pass into status, event and next time; `decideError` does so for errors, and nothing else does. */
export function decide(outcome: Outcome, at: DecisionInput): Decision {
  switch (outcome.type) {
    case "rolledOut":
      return rolledOut(outcome, at);
    case "maintained":
      return maintained(outcome, at);
    case "held":
      return held(outcome);
    case "deletionHeld":
      return deletionHeld(outcome);
    case "rolledBack":
      return rolledBack(outcome, at);
    case "rollbackFailed":
      return rollbackFailed(outcome, at);
    case "failed":
      return failed(outcome, at);
    case "stopped":
      return {
        status: { conditions: stoppedBefore(at), fields: { problems: null } },
        event: undefined,
        retryMs: undefined,
      };
  }
}

type Applied = Extract<Outcome, { type: "rolledOut" | "maintained" }>;

function rolledOut(outcome: Extract<Outcome, { type: "rolledOut" }>, at: DecisionInput): Decision {
  const { revision, inventory, plan, pruneFailure } = outcome;
  const message = appliedMessage(outcome);
  const undeleted = notDeleted(message, pruneFailure, at);
  return {
    status: {
      conditions: [
        ...(undeleted?.conditions ?? ready(message)),
        healthy(allHealthy(inventory).message),
        noDrift,
        notHeld,
      ],
      fields: {
        ...appliedFields(revision),
        lastHealthyRevision: revision,
        ...noFailure,
        problems: undeleted?.problems ?? null,
        attempt: null,
        pendingDigest: null,
        drift: null,
        inventory: { entries: [...inventory.entries] },
        history: addHistory(at, { revision, digest: plan.digest, outcome: "Succeeded" }),
      },
    },
    // Whoever creates an Environment looks at it; what comes later may come unexpected.
    event: undeleted?.event ?? {
      ...{ type: "Normal", reason: "Succeeded", message },
      logOnly: (at.before.history ?? []).length === 0,
    },
    retryMs: undeleted?.retryMs,
  };
}

/** What follows where a pass did all but delete what is no longer in the repository; undefined where it did that too. */
function notDeleted(done: string, failure: Failure | undefined, { spec }: DecisionInput) {
  if (failure === undefined) return undefined;
  const message = `${done}${butNotDeleted(failure)}`;
  const event: NotableEvent = { type: "Warning", reason: "ApplyFailed", message };
  return {
    conditions: notReady("ApplyFailed", message),
    problems: toStatusProblems(failure.problems),
    event,
    retryMs: intervalMilliseconds(spec.retryInterval),
  };
}

function butNotDeleted(failure: Failure | undefined): string {
  return failure === undefined ? "" : `, but could not delete: ${failure.message}`;
}

function maintained(outcome: Extract<Outcome, { type: "maintained" }>, at: DecisionInput): Decision {
  const { revision, health, corrected, drifted, inventory, behind, pruneFailure } = outcome;
  const message = appliedMessage(outcome);
  const condition: NewCondition = health.healthy
    ? healthy(health.message)
    : { type: "Healthy", status: "False", reason: "HealthFailed", message: health.message };
  const undeleted = notDeleted(message, pruneFailure, at);
  const fine = undeleted?.conditions ?? ready(`${message}${differing(drifted)}`);
  const own = health.healthy ? fine : notReady("HealthFailed", health.message);
  return {
    status: {
      conditions: [...(behind ? stoppedBefore(at) : [...own, notHeld]), condition, driftCondition(drifted)],
      fields: {
        ...(behind ? {} : { ...appliedFields(revision), pendingDigest: null, ...noFailure }),
        ...(health.healthy && !behind ? { lastHealthyRevision: revision } : {}),
        problems: undeleted?.problems ?? null,
        drift: drifted.length === 0 ? null : driftEntries(drifted, at.before.drift ?? [], at.now.toISOString()),
        inventory: { entries: [...inventory.entries] },
      },
    },
    event: corrected.length === 0 ? undeleted?.event : driftCorrected(corrected),
    retryMs: undeleted?.retryMs,
  };
}

const mostKept = 10;

/** What is there now, and what of it the repository no longer has: ready is not all there is to say then. */
function appliedMessage({ revision, inventory, kept }: Pick<Applied, "revision" | "inventory" | "kept">): string {
  const applied = `applied revision ${shortRevision(revision)}, ${inventory.entries.length} objects`;
  if (kept.length === 0) return applied;
  const named = kept.slice(0, mostKept).map(({ id, reason }) => `${describeId(id)} (${reason})`);
  const more = kept.length > mostKept ? ` and ${kept.length - mostKept} more` : "";
  return `${applied}; not deleted although no longer in the repository: ${named.join(", ")}${more}`;
}

/** What is only reported shows where people look first. */
function differing(drifted: readonly PlannedAction[]): string {
  const [first] = drifted;
  if (first === undefined) return "";
  const more = drifted.length === 1 ? "" : ` and ${drifted.length - 1} more`;
  return `; drifted: ${describeId(first.id)}${more} differ${drifted.length === 1 ? "s" : ""} from the repository`;
}

function driftCorrected(corrected: readonly PlannedAction[]): NotableEvent {
  const names = corrected.map(({ id }) => describeId(id)).join(", ");
  return { type: "Normal", reason: "DriftCorrected", message: `set right what someone else changed: ${names}` };
}

function held(outcome: Extract<Outcome, { type: "held" }>): Decision {
  const { plan, revision } = outcome;
  return heldBy(plan, heldMessage(plan), { lastAttemptedRevision: revision, waitingRevision: null });
}

function deletionHeld({ plan }: Extract<Outcome, { type: "deletionHeld" }>): Decision {
  const message = `the Environment is being deleted, and with it ${heldMessage(plan)}; or keep its objects: set spec.deletionPolicy to Orphan`;
  return heldBy(plan, message, {});
}

function heldMessage({ hold, digest }: Plan): string {
  const objects = (hold?.objects ?? []).slice(0, 20).map(describeId).join(", ");
  return `${hold?.reason ?? ""}: ${objects}; approve with: mooring approve, or annotate mooring.dev/approve: ${digest}`;
}

function heldBy(plan: Plan, message: string, fields: NonNullable<StatusChange["fields"]>): Decision {
  return {
    status: {
      conditions: [
        ...notReady("DeletionHeld", message),
        { type: "Held", status: "True", reason: "DeletionHeld", message },
      ],
      fields: { ...fields, pendingDigest: plan.digest, problems: null },
    },
    event: { type: "Warning", reason: "DeletionHeld", message },
    retryMs: undefined,
  };
}

function rolledBack(outcome: Extract<Outcome, { type: "rolledBack" }>, at: DecisionInput): Decision {
  const { failed: bad, to, cause, inventory, plan, pruneFailure } = outcome;
  const message = `revision ${shortRevision(bad)} failed: ${cause.message}; rolled back to ${shortRevision(to)}, which is healthy${leftBy(plan)}${butNotDeleted(pruneFailure)}`;
  // What is still to be deleted is known by the attempt, which goes on until that is done.
  const unfinished = pruneFailure && {
    attempt: at.before.attempt ?? null,
    problems: toStatusProblems(pruneFailure.problems),
  };
  return {
    status: {
      conditions: [...stopped("RolledBack", message), healthy(allHealthy(inventory).message), noDrift],
      fields: {
        ...failedFields("RolledBack", message, cause),
        ...unfinished,
        lastAppliedRevision: to,
        inventory: { entries: [...inventory.entries] },
        history: addHistory(at, { revision: bad, digest: plan.digest, outcome: "RolledBack", message: cause.message }),
      },
    },
    event: { type: "Warning", reason: "RolledBack", message, ...logsOf(cause) },
    retryMs: unfinished && intervalMilliseconds(at.spec.retryInterval),
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

function rollbackFailed(outcome: Extract<Outcome, { type: "rollbackFailed" }>, at: DecisionInput): Decision {
  const { failed: bad, to, cause, rollbackCause } = outcome;
  const message = `revision ${shortRevision(bad)} failed: ${cause.message}; going back to ${shortRevision(to)} failed too: ${rollbackCause.message}`;
  const unhealthy: NewCondition = {
    type: "Healthy",
    status: "False",
    reason: "RollbackFailed",
    message: rollbackCause.message,
  };
  return {
    status: {
      conditions: [...stopped("RollbackFailed", message), unhealthy],
      fields: {
        ...failedFields("RollbackFailed", message, cause),
        history: addHistory(at, { revision: bad, digest: "", outcome: "RollbackFailed", message }),
      },
    },
    event: { type: "Warning", reason: "RollbackFailed", message, ...logsOf(cause) },
    retryMs: undefined,
  };
}

function whyNotBack({ spec, pinned }: DecisionInput): string {
  if (pinned) return "it is pinned, so nothing else is rolled out before mooring rollback --to or mooring resume";
  return spec.rollback === "off" ? "rollback is off" : "there is no healthy revision to go back to";
}

function failed(outcome: Extract<Outcome, { type: "failed" }>, at: DecisionInput): Decision {
  const { failed: bad, cause } = outcome;
  const reason = reasons[cause.code];
  const back = whyNotBack(at);
  const message = `revision ${shortRevision(bad)} failed: ${cause.message}; ${back}`;
  return {
    status: {
      conditions: [...stopped(reason, message), { type: "Healthy", status: "False", reason, message: cause.message }],
      fields: {
        ...failedFields(reason, message, cause),
        history: addHistory(at, { revision: bad, digest: "", outcome: "Failed", message: cause.message }),
      },
    },
    event: { type: "Warning", reason, message, ...logsOf(cause) },
    retryMs: undefined,
  };
}

function appliedFields(revision: string) {
  return { lastAttemptedRevision: revision, lastAppliedRevision: revision, waitingRevision: null };
}

/** What stopped it, told again: an error that came in between has been told in its place. */
function stoppedBefore({ before }: DecisionInput): readonly NewCondition[] {
  if (before.failedReason === undefined) return [];
  return stopped(before.failedReason as ConditionReason, before.failedMessage ?? "");
}
