import { numberAt, stringAt, valueAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Verdict } from "../../model/verdict.ts";
import { containerCause } from "../causes/container-cause.ts";
import { containerStatuses } from "../causes/pod-cause.ts";
import { current, gracePeriods, onlyAtDeadline, pending, type SuspectedCause } from "../causes/suspected-cause.ts";
import { workloadCause } from "../causes/workload-cause.ts";
import { type Condition, trueCondition } from "../evidence/conditions.ts";
import { isControlledBy, isRecent, type Subject, timeAt } from "../evidence/evidence.ts";

interface LastWords {
  readonly pod: string;
  readonly container: string;
  readonly words: string;
}

/** How the last of the Job's failed pods ended. */
function lastWords(subject: Subject): LastWords | undefined {
  const failed = subject.evidence.pods
    .filter((pod) => isControlledBy(pod, subject.object) && stringAt(pod, "status", "phase") === "Failed")
    .sort(
      (a, b) => (timeAt(b, "metadata", "creationTimestamp") ?? 0) - (timeAt(a, "metadata", "creationTimestamp") ?? 0),
    );
  for (const pod of failed) {
    for (const status of containerStatuses(pod)) {
      const found = containerCause(status, undefined);
      if (found !== undefined)
        return { pod: pod.metadata.name, container: found.container ?? "", words: found.message };
    }
  }
  return undefined;
}

/** The Job has failed, or is about to as soon as its pods are gone (FailureTarget). */
function failed(subject: Subject, condition: Condition): Verdict {
  const last = lastWords(subject);
  const message = condition.message || "the Job failed";
  const suspected: SuspectedCause = {
    reason: condition.reason || "JobFailed",
    message: last === undefined ? message : `${message}; the last pod ${last.words}`,
    gracePeriod: gracePeriods.none,
    ...(last !== undefined && { pod: last.pod, container: last.container }),
  };
  return pending(
    subject,
    message,
    isRecent(subject.evidence, condition.changed) ? suspected : onlyAtDeadline(suspected),
  );
}

/** A Job counts its own failures against its backoffLimit, so a crash alone decides nothing. */
function jobCause(subject: Subject): SuspectedCause | undefined {
  const found = workloadCause(subject.evidence);
  if (found === undefined) return undefined;
  return found.reason === "CrashLoopBackOff" || found.reason === "OOMKilled" ? onlyAtDeadline(found) : found;
}

/**
 * A Job is healthy when it is complete, or suspended; failed when it says so. After fluxcd/pkg
 * runtime/statusreaders/job.go (kstatus itself calls a running Job healthy).
 */
export function job(subject: Subject): Verdict {
  const { object } = subject;
  const completions = numberAt(object, "spec", "completions") ?? numberAt(object, "spec", "parallelism") ?? 1;
  const succeeded = numberAt(object, "status", "succeeded") ?? 0;
  if (trueCondition(object, "Complete") !== undefined)
    return current(`complete, ${succeeded} of ${completions} succeeded`);
  const failure = trueCondition(object, "Failed") ?? trueCondition(object, "FailureTarget");
  if (failure !== undefined) return failed(subject, failure);
  if (isSuspended(object)) return current("suspended");
  return pending(subject, `${succeeded} of ${completions} completions`, jobCause(subject));
}

function isSuspended(object: KubeObject): boolean {
  return valueAt(object, "spec", "suspend") === true;
}
