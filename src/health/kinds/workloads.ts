import { numberAt, stringAt, valueAt } from "../../model/json/json.ts";
import type { Verdict } from "../../model/verdict.ts";
import { current, gracePeriods, onlyAtDeadline, pending, type SuspectedCause } from "../causes/suspected-cause.ts";
import { workloadCause } from "../causes/workload-cause.ts";
import { conditionOf, trueCondition } from "../evidence/conditions.ts";
import { isRecent, type Subject } from "../evidence/evidence.ts";
import { count } from "../wording.ts";

/** A number of the object's status; 0 where it is absent, as the API server omits zeros. */
function status(subject: Subject, field: string): number {
  return numberAt(subject.object, "status", field) ?? 0;
}

/** How many pods are wanted: 1 unless `spec.replicas` says otherwise. */
function wantedReplicas(subject: Subject): number {
  return numberAt(subject.object, "spec", "replicas") ?? 1;
}

/** The controllers of these kinds always report the generation they have seen, so its absence says "not yet". */
function unobserved(subject: Subject): Verdict | undefined {
  if (numberAt(subject.object, "status", "observedGeneration") !== undefined) return undefined;
  return pending(subject, `the controller has not seen the ${subject.id.kind} yet`);
}

/** `1 of 3 replicas updated`, with what keeps it from going on. */
function short(
  subject: Subject,
  words: { readonly have: number; readonly want: number; readonly what: string },
): Verdict {
  return pending(subject, `${words.have} of ${words.want} ${words.what}`, workloadCause(subject.evidence));
}

/** `1 old replica pending termination`, which may well wait for a new one that does not come up. */
function surplus(subject: Subject, what: string): Verdict {
  return pending(subject, `${what} pending termination`, workloadCause(subject.evidence));
}

/** The Deployment's own deadline has passed: certain, with the pods' cause where there is one. */
function deadlineExceeded(subject: Subject): Verdict | undefined {
  const progressing = conditionOf(subject.object, "Progressing");
  if (progressing?.reason !== "ProgressDeadlineExceeded") return undefined;
  const message = progressing.message || "the Deployment's progress deadline was exceeded";
  const known = workloadCause(subject.evidence) ?? { reason: progressing.reason, message };
  const suspected: SuspectedCause = { ...known, gracePeriod: gracePeriods.none };
  return pending(
    subject,
    message,
    isRecent(subject.evidence, progressing.changed) ? suspected : onlyAtDeadline(suspected),
  );
}

/**
 * A Deployment is healthy when the controller has seen it, every wanted replica is of the newest revision, available
 * and ready, and none of another revision is left. A paused one is healthy as it stands: it goes no further by its
 * owner's will. After cli-utils pkg/kstatus/status/core.go, deploymentConditions.
 */
export function deployment(subject: Subject): Verdict {
  const waiting = unobserved(subject);
  if (waiting !== undefined) return waiting;
  if (valueAt(subject.object, "spec", "paused") === true) return current("paused, so not rolled out any further");
  const exceeded = deadlineExceeded(subject);
  if (exceeded !== undefined) return exceeded;

  const want = wantedReplicas(subject);
  const total = status(subject, "replicas");
  const updated = status(subject, "updatedReplicas");
  const available = status(subject, "availableReplicas");
  if (updated < want) return short(subject, { have: updated, want, what: "replicas updated" });
  if (total > want) return surplus(subject, count(total - want, "old replica"));
  if (available < updated)
    return short(subject, { have: available, want: updated, what: "updated replicas available" });
  const ready = status(subject, "readyReplicas");
  if (ready < want) return short(subject, { have: ready, want, what: "replicas ready" });
  const unsettled = unsettledConditions(subject);
  if (unsettled !== undefined) return pending(subject, unsettled, workloadCause(subject.evidence));
  return current(want === 0 ? "scaled to zero" : `${want} of ${want} replicas available`);
}

/** Without a progress deadline (the largest int32) the controller keeps no Progressing condition. */
function unsettledConditions(subject: Subject): string | undefined {
  const hasDeadline = (numberAt(subject.object, "spec", "progressDeadlineSeconds") ?? 2147483647) !== 2147483647;
  const reason = trueCondition(subject.object, "Progressing")?.reason;
  if (hasDeadline && reason !== "NewReplicaSetAvailable") return "the newest ReplicaSet is not available yet";
  return trueCondition(subject.object, "Available") === undefined ? "the Deployment is not available yet" : undefined;
}

/**
 * A StatefulSet is healthy when every wanted replica is ready (available, where `minReadySeconds` asks for it) and of
 * the newest revision; with a partition, those above it. With OnDelete people replace the pods, so their revision is
 * not waited for. After cli-utils core.go, stsConditions, which does not look at readiness with OnDelete.
 */
export function statefulSet(subject: Subject): Verdict {
  const waiting = unobserved(subject);
  if (waiting !== undefined) return waiting;
  const want = wantedReplicas(subject);
  const total = status(subject, "replicas");
  const ready = status(subject, "readyReplicas");
  if (total < want) return short(subject, { have: total, want, what: "replicas created" });
  if (ready < want) return short(subject, { have: ready, want, what: "replicas ready" });
  if (total > want) return surplus(subject, count(total - want, "replica"));
  const unavailable = belowMinReady(subject, want);
  return unavailable ?? statefulRevision(subject, want);
}

function belowMinReady(subject: Subject, want: number): Verdict | undefined {
  if ((numberAt(subject.object, "spec", "minReadySeconds") ?? 0) === 0) return undefined;
  const available = status(subject, "availableReplicas");
  return available < want ? short(subject, { have: available, want, what: "replicas available" }) : undefined;
}

function statefulRevision(subject: Subject, want: number): Verdict {
  const { object } = subject;
  const ready = want === 0 ? "scaled to zero" : `${want} of ${want} replicas ready`;
  if (stringAt(object, "spec", "updateStrategy", "type") === "OnDelete") return current(`${ready} (update OnDelete)`);
  const partition = numberAt(object, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
  const due = Math.max(0, want - partition);
  const updated = status(subject, "updatedReplicas");
  if (partition > 0) {
    if (updated < due)
      return short(subject, { have: updated, want: due, what: "replicas above the partition updated" });
    return current(`${ready}, ${updated} updated (partition ${partition})`);
  }
  const settled = stringAt(object, "status", "currentRevision") === stringAt(object, "status", "updateRevision");
  if (!settled) return short(subject, { have: updated, want, what: "replicas updated" });
  return current(ready);
}

/**
 * A DaemonSet is healthy when every node that should run it has an updated pod, available and ready. With OnDelete
 * the update is not waited for. After cli-utils core.go, daemonsetConditions.
 */
export function daemonSet(subject: Subject): Verdict {
  const waiting = unobserved(subject);
  if (waiting !== undefined) return waiting;
  const want = status(subject, "desiredNumberScheduled");
  const onDelete = stringAt(subject.object, "spec", "updateStrategy", "type") === "OnDelete";
  const steps = [
    { have: status(subject, "currentNumberScheduled"), what: "pods created" },
    { have: onDelete ? want : status(subject, "updatedNumberScheduled"), what: "pods updated" },
    { have: status(subject, "numberAvailable"), what: "pods available" },
    { have: status(subject, "numberReady"), what: "pods ready" },
  ];
  const missing = steps.find(({ have }) => have < want);
  if (missing !== undefined) return short(subject, { ...missing, want });
  return current(want === 0 ? "no node should run it" : `${want} of ${want} pods ready`);
}

/**
 * A ReplicaSet or ReplicationController is healthy when every wanted replica is available and ready. After cli-utils
 * core.go, replicasetConditions.
 */
export function replicaSet(subject: Subject): Verdict {
  const waiting = unobserved(subject);
  if (waiting !== undefined) return waiting;
  const want = wantedReplicas(subject);
  const steps = [
    { have: status(subject, "replicas"), what: "replicas created" },
    { have: status(subject, "availableReplicas"), what: "replicas available" },
    { have: status(subject, "readyReplicas"), what: "replicas ready" },
  ];
  const missing = steps.find(({ have }) => have < want);
  if (missing !== undefined) return short(subject, { ...missing, want });
  const extra = status(subject, "replicas") - want;
  if (extra > 0) return surplus(subject, count(extra, "replica"));
  return current(want === 0 ? "scaled to zero" : `${want} of ${want} replicas available`);
}
