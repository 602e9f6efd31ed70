import type { NewCondition } from "../../../api/conditions.ts";
import { intervalMilliseconds } from "../../../api/duration.ts";
import type { Failure } from "../../../model/failure.ts";
import { describeId } from "../../../model/object-id.ts";
import type { PlannedAction } from "../../../model/plan.ts";
import { shortRevision } from "../../../model/revision.ts";
import { allHealthy, type Outcome } from "../../../rollout/index.ts";
import { healthy, notHeld, notReady, ready } from "../status/condition-sets.ts";
import { driftCondition, driftEntries, noDrift } from "../status/drift-status.ts";
import { addHistory } from "../status/history.ts";
import { noFailure, toStatusProblems } from "../status/problems.ts";
import type { Decision, DecisionInput, NotableEvent } from "./decision.ts";
import { butNotDeleted, stalledBefore } from "./failed.ts";

type Applied = Extract<Outcome, { type: "rolledOut" | "maintained" }>;

/** A revision was rolled out and is healthy. */
export function decideRolledOut(outcome: Extract<Outcome, { type: "rolledOut" }>, at: DecisionInput): Decision {
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
    // The first rollout is watched by whoever made the Environment; later ones may be unexpected.
    event: undeleted?.event ?? {
      ...{ type: "Normal", reason: "Succeeded", message },
      logOnly: (at.before.history ?? []).length === 0,
    },
    requeueMs: undeleted?.requeueMs,
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
    requeueMs: intervalMilliseconds(spec.retryInterval),
  };
}

/** What is in the cluster was kept as it should be. */
export function decideMaintained(outcome: Extract<Outcome, { type: "maintained" }>, at: DecisionInput): Decision {
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
      conditions: [...(behind ? stalledBefore(at) : [...own, notHeld]), condition, driftCondition(drifted)],
      fields: {
        ...(behind ? {} : { ...appliedFields(revision), pendingDigest: null, ...noFailure }),
        ...(health.healthy && !behind ? { lastHealthyRevision: revision } : {}),
        problems: undeleted?.problems ?? null,
        drift: drifted.length === 0 ? null : driftEntries(drifted, at.before.drift ?? [], at.now.toISOString()),
        inventory: { entries: [...inventory.entries] },
      },
    },
    event: corrected.length === 0 ? undeleted?.event : driftCorrected(corrected),
    requeueMs: undeleted?.requeueMs,
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

/** Drift that is only reported is named in the Ready condition too. */
function differing(drifted: readonly PlannedAction[]): string {
  const [first] = drifted;
  if (first === undefined) return "";
  const more = drifted.length === 1 ? "" : ` and ${drifted.length - 1} more`;
  return `; drifted: ${describeId(first.id)}${more} differ${drifted.length === 1 ? "s" : ""} from the repository`;
}

function driftCorrected(corrected: readonly PlannedAction[]): NotableEvent {
  const names = corrected.map(({ id }) => describeId(id)).join(", ");
  return {
    type: "Normal",
    reason: "DriftCorrected",
    message: `corrected drift: ${names}`,
    recurring: true,
  };
}

function appliedFields(revision: string) {
  return { lastAttemptedRevision: revision, lastAppliedRevision: revision, waitingRevision: null };
}
