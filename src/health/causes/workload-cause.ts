import { falseCondition, trueCondition } from "../evidence/conditions.ts";
import { observedEvents } from "../evidence/events.ts";
import { type Evidence, isRecent, timeAt } from "../evidence/evidence.ts";
import { newestPods, newestReplicaSet } from "../evidence/newest-pods.ts";
import { createSuspicion } from "./creation-cause.ts";
import { isProof, podSuspicion } from "./pod-cause.ts";
import { stuckSuspicion } from "./stuck-pods.ts";
import { gravest, onlyAtDeadline, type Suspicion } from "./suspected-cause.ts";

/** Tells whether this very template has been fully available before: what fails now is not the revision's doing. */
function isProvenDeployment(evidence: Evidence): boolean {
  return trueCondition(evidence.object, "Progressing")?.reason === "NewReplicaSetAvailable";
}

/** The worst that the newest revision's pods show. */
function suspicionOfPods(evidence: Evidence): Suspicion | undefined {
  const pods = newestPods(evidence);
  const proven = isProvenDeployment(evidence) || pods.some(isProof);
  return gravest(
    pods.map((pod) => {
      const suspicion = podSuspicion(pod, evidence.events);
      if (suspicion === undefined) return undefined;
      const counts = !proven && isRecent(evidence, timeAt(pod, "metadata", "creationTimestamp"));
      return counts ? suspicion : onlyAtDeadline(suspicion);
    }),
  );
}

/** The refusal recorded in the conditions of the newest ReplicaSet, or of the Deployment that cannot create one. */
function refusalInConditions(evidence: Evidence): Suspicion | undefined {
  const { object } = evidence;
  const owner = object.kind === "Deployment" ? newestReplicaSet(evidence) : object;
  const refused = trueCondition(owner ?? object, "ReplicaFailure");
  const uncreated = falseCondition(object, "Progressing");
  if (refused?.reason === "FailedCreate") {
    const suspicion = createSuspicion(refused.message, refused.changed);
    // The Deployment's own condition may speak of an old ReplicaSet.
    return owner !== undefined && isRecent(evidence, refused.changed) ? suspicion : onlyAtDeadline(suspicion);
  }
  if (uncreated?.reason !== "ReplicaSetCreateError") return undefined;
  const suspicion = createSuspicion(uncreated.message, uncreated.changed);
  return isRecent(evidence, uncreated.changed) ? suspicion : onlyAtDeadline(suspicion);
}

/** The refusal recorded in events, as StatefulSets, DaemonSets and Jobs do; overcome by any pod created since. */
function refusalInEvents(evidence: Evidence): Suspicion | undefined {
  const failed = observedEvents(evidence.object, evidence.events).find(({ reason }) => reason === "FailedCreate");
  if (failed === undefined) return undefined;
  const created = newestPods(evidence).map((pod) => timeAt(pod, "metadata", "creationTimestamp") ?? 0);
  if (created.some((time) => time > (failed.last ?? 0))) return undefined;
  const suspicion = createSuspicion(failed.message, failed.first);
  return isRecent(evidence, failed.last) ? suspicion : onlyAtDeadline(suspicion);
}

/** A quota leaves room as pods go: those that terminate, and old ones as new ones that run become ready. */
function mayFindRoom(evidence: Evidence): boolean {
  return newestPods(evidence).length > 0 || evidence.pods.some((pod) => pod.metadata.deletionTimestamp !== undefined);
}

function refusal(evidence: Evidence): Suspicion | undefined {
  const found = gravest([refusalInConditions(evidence), refusalInEvents(evidence)]);
  return found?.reason === "QuotaExceeded" && mayFindRoom(evidence) ? onlyAtDeadline(found) : found;
}

/**
 * What keeps a workload from becoming healthy, as close to the root as can be told. Only pods of the newest revision
 * count, and they decide before the deadline only while nothing speaks for that revision: no pod of it is Ready
 * without restarts, the Deployment was never complete with it, and they are not older than the attempt.
 */
export function workloadSuspicion(evidence: Evidence): Suspicion | undefined {
  return gravest([suspicionOfPods(evidence), refusal(evidence), stuckSuspicion(evidence)]);
}
