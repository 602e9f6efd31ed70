import { falseCondition, trueCondition } from "../evidence/conditions.ts";
import { observedEvents } from "../evidence/events.ts";
import { type Evidence, isRecent, timeAt } from "../evidence/evidence.ts";
import { newestPods, newestReplicaSet } from "../evidence/newest-pods.ts";
import { creationCause } from "./creation-cause.ts";
import { podCause, provesTemplate } from "./pod-cause.ts";
import { stuckPodsCause } from "./stuck-pods.ts";
import { onlyAtDeadline, primaryCause, type SuspectedCause } from "./suspected-cause.ts";

/** Tells whether this very template has been fully available before: what fails now is not the revision's doing. */
function isProvenDeployment(evidence: Evidence): boolean {
  return trueCondition(evidence.object, "Progressing")?.reason === "NewReplicaSetAvailable";
}

/** The worst that the newest revision's pods show. */
function podsCause(evidence: Evidence): SuspectedCause | undefined {
  const pods = newestPods(evidence);
  const proven = isProvenDeployment(evidence) || pods.some(provesTemplate);
  return primaryCause(
    pods.map((pod) => {
      const suspected = podCause(pod, evidence.events);
      if (suspected === undefined) return undefined;
      const counts = !proven && isRecent(evidence, timeAt(pod, "metadata", "creationTimestamp"));
      return counts ? suspected : onlyAtDeadline(suspected);
    }),
  );
}

/** The refusal recorded in the conditions of the newest ReplicaSet, or of the Deployment that cannot create one. */
function refusalInConditions(evidence: Evidence): SuspectedCause | undefined {
  const { object } = evidence;
  const owner = object.kind === "Deployment" ? newestReplicaSet(evidence) : object;
  const refused = trueCondition(owner ?? object, "ReplicaFailure");
  const uncreated = falseCondition(object, "Progressing");
  if (refused?.reason === "FailedCreate") {
    const suspected = creationCause(refused.message, refused.changed);
    // The Deployment's own condition may speak of an old ReplicaSet.
    return owner !== undefined && isRecent(evidence, refused.changed) ? suspected : onlyAtDeadline(suspected);
  }
  if (uncreated?.reason !== "ReplicaSetCreateError") return undefined;
  const suspected = creationCause(uncreated.message, uncreated.changed);
  return isRecent(evidence, uncreated.changed) ? suspected : onlyAtDeadline(suspected);
}

/** The refusal recorded in events, as StatefulSets, DaemonSets and Jobs do; overcome by any pod created since. */
function refusalInEvents(evidence: Evidence): SuspectedCause | undefined {
  const failed = observedEvents(evidence.object, evidence.events).find(({ reason }) => reason === "FailedCreate");
  if (failed === undefined) return undefined;
  const created = newestPods(evidence).map((pod) => timeAt(pod, "metadata", "creationTimestamp") ?? 0);
  if (created.some((time) => time > (failed.last ?? 0))) return undefined;
  const suspected = creationCause(failed.message, failed.first);
  return isRecent(evidence, failed.last) ? suspected : onlyAtDeadline(suspected);
}

/** A quota leaves room as pods go: those that terminate, and old ones as new ones that run become ready. */
function mayFindRoom(evidence: Evidence): boolean {
  return newestPods(evidence).length > 0 || evidence.pods.some((pod) => pod.metadata.deletionTimestamp !== undefined);
}

function refusal(evidence: Evidence): SuspectedCause | undefined {
  const found = primaryCause([refusalInConditions(evidence), refusalInEvents(evidence)]);
  return found?.reason === "QuotaExceeded" && mayFindRoom(evidence) ? onlyAtDeadline(found) : found;
}

/**
 * What keeps a workload from becoming healthy, as close to the root cause as is known. Only pods of the newest revision
 * count, and they decide before the deadline only while nothing speaks for that revision: no pod of it is Ready
 * without restarts, the Deployment was never complete with it, and they are not older than the attempt.
 */
export function workloadCause(evidence: Evidence): SuspectedCause | undefined {
  return primaryCause([podsCause(evidence), refusal(evidence), stuckPodsCause(evidence)]);
}
