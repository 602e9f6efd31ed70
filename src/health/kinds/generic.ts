import { numberAt, valueAt } from "../../model/json/json.ts";
import type { Verdict } from "../../model/verdict.ts";
import { current, gracePeriods, onlyAtDeadline, pending, type SuspectedCause } from "../causes/suspected-cause.ts";
import { type Condition, conditionOf, conditionText, trueCondition } from "../evidence/conditions.ts";
import { isRecent, type Subject } from "../evidence/evidence.ts";

function suspectedCauseOf(condition: Condition, gracePeriod: number): SuspectedCause {
  return { reason: condition.reason || condition.type, message: conditionText(condition), gracePeriod };
}

/** The controller has not seen the newest generation yet; undefined where it has, or does not say. */
export function unseenGeneration(subject: Subject): Verdict | undefined {
  const generation = subject.object.metadata.generation;
  const observed = numberAt(subject.object, "status", "observedGeneration");
  if (typeof generation !== "number" || observed === undefined || observed === generation) return undefined;
  return pending(subject, `generation ${generation} not seen by the controller yet (${observed} is)`);
}

/**
 * What holds for every kind, before its own rules: the newest generation is seen; `Reconciling` is in progress;
 * `Stalled` is failed, unless it dates from before this attempt. Undefined where this decides nothing. After cli-utils
 * pkg/kstatus/status/generic.go.
 */
export function genericVerdict(subject: Subject): Verdict | undefined {
  const { object } = subject;
  const unseen = unseenGeneration(subject);
  if (unseen !== undefined) return unseen;
  const reconciling = trueCondition(object, "Reconciling");
  if (reconciling !== undefined) return pending(subject, conditionText(reconciling));
  const stalled = trueCondition(object, "Stalled");
  if (stalled === undefined) return undefined;
  const suspected = suspectedCauseOf(stalled, gracePeriods.none);
  const recent = isRecent(subject.evidence, stalled.changed);
  return pending(subject, suspected.message, recent ? suspected : onlyAtDeadline(suspected));
}

/** API groups of which every kind reports `Ready`, so that its absence means "not yet" and not "no such thing". */
const ALWAYS_REPORT_READY = /(^|\.)(toolkit\.fluxcd\.io|mooring\.dev)$|^(cert-manager\.io|external-secrets\.io)$/;

/**
 * A kind without rules of its own is healthy when its `Ready` condition is True, or when it has none. After cli-utils
 * pkg/kstatus/status/status.go, Compute and checkReadyCondition. What its owner has suspended is healthy as it stands.
 */
export function customResource(subject: Subject): Verdict {
  const { object, id } = subject;
  const reports = ALWAYS_REPORT_READY.test(id.group);
  if (reports && valueAt(object, "spec", "suspend") === true) return current("suspended");
  const ready = conditionOf(object, "Ready");
  if (ready === undefined) return reports ? pending(subject, "not reported ready yet") : current("exists");
  const generation = object.metadata.generation;
  if (ready.generation !== undefined && typeof generation === "number" && ready.generation < generation) {
    return pending(subject, `generation ${generation} not evaluated by the controller yet`);
  }
  if (ready.status === "True") return current(ready.message || "ready");
  const suspected = suspectedCauseOf(ready, gracePeriods.deadline);
  return pending(subject, suspected.message, ready.status === "False" ? suspected : undefined);
}
