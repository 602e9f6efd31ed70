import { type Json, listAt, numberAt, objectAt, stringAt, valueAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { falseCondition, trueCondition } from "../evidence/conditions.ts";
import { observedEvents } from "../evidence/events.ts";
import { timeAt } from "../evidence/evidence.ts";
import { containerCause } from "./container-cause.ts";
import { isMissingReference } from "./missing-reference.ts";
import { gracePeriods, primaryCause, type SuspectedCause } from "./suspected-cause.ts";

/** The statuses of a pod's init containers and containers, in the order in which they start. */
export function containerStatuses(pod: KubeObject): readonly Json[] {
  return [...listAt(pod, "status", "initContainerStatuses"), ...listAt(pod, "status", "containerStatuses")];
}

/** Tells whether a pod is Ready and no container of it was ever restarted: living proof that its template works. */
export function provesTemplate(pod: KubeObject): boolean {
  const restarted = containerStatuses(pod).some((status) => (numberAt(status, "restartCount") ?? 0) > 0);
  return trueCondition(pod, "Ready") !== undefined && !restarted;
}

function containerCauses(pod: KubeObject, events: readonly KubeObject[]): readonly (SuspectedCause | undefined)[] {
  const failedPull = observedEvents(pod, events).find(
    (event) => event.reason === "Failed" && event.message.startsWith("Failed to pull image"),
  );
  return containerStatuses(pod).map((status) => containerCause(status, failedPull?.message));
}

/** The scheduler's words. A node may be added at any moment, so only a missing claim is ever certain. */
function unschedulable(pod: KubeObject): SuspectedCause | undefined {
  const scheduled = falseCondition(pod, "PodScheduled");
  if (scheduled === undefined) return undefined;
  const message = scheduled.message || "the scheduler has not said why";
  return {
    reason: scheduled.reason || "Unschedulable",
    message,
    gracePeriod: isMissingReference(message) ? gracePeriods.reference : gracePeriods.deadline,
    began: scheduled.changed,
  };
}

/** A volume that cannot be mounted: the kubelet says so in events only. */
function unmountable(pod: KubeObject, events: readonly KubeObject[]): SuspectedCause | undefined {
  if (containerStatuses(pod).some((status) => stringAt(status, "containerID") !== undefined)) return undefined;
  const failed = observedEvents(pod, events).filter(({ reason }) =>
    /^Failed(Mount|AttachVolume|MapVolume)$/.test(reason),
  );
  // A name that is missing tells more than the timeouts that follow from it.
  const telling = failed.find(({ message }) => isMissingReference(message));
  const event = telling ?? failed[0];
  if (event === undefined) return undefined;
  return {
    reason: event.reason,
    message: event.message,
    gracePeriod: telling === undefined ? gracePeriods.deadline : gracePeriods.reference,
    began: event.first,
  };
}

/** A pod that cannot get its sandbox, or whose probes fail: the kubelet's last words. */
function unhealthy(pod: KubeObject, events: readonly KubeObject[]): SuspectedCause | undefined {
  const said = observedEvents(pod, events).find(({ reason }) => /^(Unhealthy|FailedCreatePodSandBox)$/.test(reason));
  if (said === undefined) return undefined;
  const { reason, message, container } = said;
  return { reason, message, gracePeriod: gracePeriods.deadline, ...(container !== undefined && { container }) };
}

/** A container that runs and is not ready, without a word from the kubelet. */
function unready(pod: KubeObject): SuspectedCause | undefined {
  const status = listAt(pod, "status", "containerStatuses").find(
    (each) => objectAt(each, "state", "running") !== undefined && valueAt(each, "ready") !== true,
  );
  if (status === undefined) return undefined;
  const starting = valueAt(status, "started") === false;
  const message = starting ? "it runs but has not started up yet" : "it runs but is not ready";
  return { reason: "NotReady", message, gracePeriod: gracePeriods.deadline, container: stringAt(status, "name") ?? "" };
}

function lost(pod: KubeObject): SuspectedCause | undefined {
  if (stringAt(pod, "status", "phase") !== "Failed") return undefined;
  const reason = stringAt(pod, "status", "reason") ?? "PodFailed";
  const message = stringAt(pod, "status", "message") || "the pod failed";
  return { reason, message, gracePeriod: gracePeriods.deadline };
}

/**
 * What is wrong with a pod, as close to the root cause as is known; undefined where nothing is. Whether the pod speaks
 * for its workload at all is for the caller to decide.
 */
export function podCause(pod: KubeObject, events: readonly KubeObject[]): SuspectedCause | undefined {
  if (trueCondition(pod, "Ready") !== undefined || stringAt(pod, "status", "phase") === "Succeeded") return undefined;
  const found =
    primaryCause(containerCauses(pod, events)) ??
    lost(pod) ??
    unschedulable(pod) ??
    unmountable(pod, events) ??
    unhealthy(pod, events) ??
    unready(pod);
  if (found === undefined) return undefined;
  const started = timeAt(pod, "status", "startTime") ?? timeAt(pod, "metadata", "creationTimestamp");
  return { ...found, pod: pod.metadata.name, began: found.began ?? started };
}
