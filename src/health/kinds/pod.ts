import { stringAt } from "../../model/json/json.ts";
import type { Verdict } from "../../model/verdict.ts";
import { podCause } from "../causes/pod-cause.ts";
import { current, gracePeriods, onlyAtDeadline, pending } from "../causes/suspected-cause.ts";
import { trueCondition } from "../evidence/conditions.ts";
import { isRecent, type Subject, timeAt } from "../evidence/evidence.ts";

/**
 * A pod of its own is healthy when it is Ready or has succeeded, and failed when its phase says so. After cli-utils
 * core.go, podConditions, which calls a failed pod current and an unschedulable one failed after 15 seconds.
 */
export function pod(subject: Subject): Verdict {
  const { object, evidence } = subject;
  const phase = stringAt(object, "status", "phase");
  if (phase === "Succeeded") return current("succeeded");
  if (trueCondition(object, "Ready") !== undefined) return current("ready");
  const suspected = podCause(object, evidence.events);
  const message = phase === undefined ? "not seen by the scheduler yet" : `${phase.toLowerCase()}, not ready`;
  if (suspected === undefined) return pending(subject, message);
  if (!isRecent(evidence, timeAt(object, "metadata", "creationTimestamp"))) {
    return pending(subject, message, onlyAtDeadline(suspected));
  }
  return pending(subject, message, phase === "Failed" ? { ...suspected, gracePeriod: gracePeriods.none } : suspected);
}
