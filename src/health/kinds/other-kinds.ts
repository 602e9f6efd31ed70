import { listAt, stringAt } from "../../model/json/json.ts";
import type { Verdict } from "../../model/verdict.ts";
import { current, gracePeriods, pending, type SuspectedCause } from "../causes/suspected-cause.ts";
import { conditionOf, conditionText, falseCondition, trueCondition } from "../evidence/conditions.ts";
import { type ObservedEvent, observedEvents } from "../evidence/events.ts";
import { type Subject, timeAt } from "../evidence/evidence.ts";

/** How long a load balancer's controller has to show that it takes a Service on. */
const CLAIM_WINDOW = 5_000;

/**
 * A claim is healthy when bound, or when it waits for its first consumer: the pod that uses it answers for it then,
 * and a claim without one would otherwise wait for ever. The provisioner says so in an event.
 */
export function persistentVolumeClaim(subject: Subject): Verdict {
  const { object, evidence } = subject;
  const phase = stringAt(object, "status", "phase") ?? "Pending";
  if (phase === "Bound") return current("bound");
  if (phase === "Lost") {
    const suspected = {
      reason: "ClaimLost",
      message: "the volume it was bound to no longer exists",
      gracePeriod: gracePeriods.none,
    };
    return pending(subject, "lost", suspected);
  }
  const said = observedEvents(object, evidence.events)[0];
  if (said?.reason === "WaitForFirstConsumer") return current("waits for its first consumer");
  return pending(subject, "not bound yet", suspectedOf(said));
}

/** What a controller's event tells, which it may yet overcome. */
function suspectedOf(said: ObservedEvent | undefined): SuspectedCause | undefined {
  return said && { reason: said.reason, message: said.message, gracePeriod: gracePeriods.deadline };
}

/** A volume is healthy when it can be bound or is; failed when its reclaiming failed. */
export function persistentVolume(subject: Subject): Verdict {
  const phase = stringAt(subject.object, "status", "phase") ?? "Pending";
  if (phase !== "Failed") return phase === "Pending" ? pending(subject, "pending") : current(phase.toLowerCase());
  const message = stringAt(subject.object, "status", "message") || "the volume failed";
  return pending(subject, message, { reason: "VolumeFailed", message, gracePeriod: gracePeriods.none });
}

/**
 * A Service is healthy as soon as it exists. One of type LoadBalancer waits for its address once a controller has
 * taken it on, which a finalizer shows (KEP-980); where there is no such controller there is nothing to wait for.
 */
export function service(subject: Subject): Verdict {
  const { object, now } = subject;
  if (stringAt(object, "spec", "type") !== "LoadBalancer") return current("exists");
  if (listAt(object, "status", "loadBalancer", "ingress").length > 0) return current("has an address");
  const claimed = listAt(object, "metadata", "finalizers").length > 0;
  const young = now - (timeAt(object, "metadata", "creationTimestamp") ?? 0) < CLAIM_WINDOW;
  if (!claimed && !young) return current("no address: no controller manages the load balancer");
  const said = observedEvents(object, subject.evidence.events).find(
    ({ reason }) => reason === "SyncLoadBalancerFailed",
  );
  return pending(subject, "the load balancer has no address yet", suspectedOf(said));
}

/** Healthy when Established; failed when the names are refused. After cli-utils core.go, crdConditions. */
export function customResourceDefinition(subject: Subject): Verdict {
  const refused = falseCondition(subject.object, "NamesAccepted");
  const established = conditionOf(subject.object, "Established");
  const failure =
    refused ?? (established?.status === "False" && established.reason !== "Installing" ? established : undefined);
  if (failure !== undefined) {
    const message = conditionText(failure);
    return pending(subject, message, {
      reason: failure.reason || failure.type,
      message,
      gracePeriod: gracePeriods.none,
    });
  }
  return established?.status === "True" ? current("established") : pending(subject, "not established yet");
}

/** Healthy when the API server can reach it. */
export function apiService(subject: Subject): Verdict {
  if (trueCondition(subject.object, "Available") !== undefined) return current("available");
  const condition = falseCondition(subject.object, "Available");
  const suspected: SuspectedCause | undefined = condition && {
    reason: condition.reason || "Unavailable",
    message: conditionText(condition),
    gracePeriod: gracePeriods.deadline,
  };
  return pending(subject, "not available yet", suspected);
}

/** Healthy once the disruption controller has counted; that it has seen the newest generation is checked before. */
export function podDisruptionBudget(): Verdict {
  return current("allowed disruptions computed");
}
