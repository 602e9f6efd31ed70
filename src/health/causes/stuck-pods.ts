import { numberAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { groupOf } from "../../model/object-id.ts";
import { type Evidence, isControlledBy } from "../evidence/evidence.ts";
import { podCause } from "./pod-cause.ts";
import { gracePeriods, type SuspectedCause } from "./suspected-cause.ts";

/**
 * The pods of an older revision that keep a StatefulSet from ever reaching its newest one. With OrderedReady the
 * controller waits for every pod to be Ready before it replaces any, also for one that never will be, so that even a
 * rollback does not fix it until someone deletes the pod (kubernetes/kubernetes#67250). The update is to replace them
 * anyway; yet they may run without being ready, so delete them only when going back from a revision that failed.
 */
export function stuckPods(evidence: Evidence): readonly KubeObject[] {
  const { object } = evidence;
  const update = stringAt(object, "status", "updateRevision");
  if (object.kind !== "StatefulSet" || groupOf(object.apiVersion) !== "apps" || update === undefined) return [];
  if (stringAt(object, "spec", "podManagementPolicy") === "Parallel") return [];
  if (stringAt(object, "spec", "updateStrategy", "type") === "OnDelete") return [];
  const partition = numberAt(object, "spec", "updateStrategy", "rollingUpdate", "partition") ?? 0;
  return evidence.pods.filter((pod) => {
    if (pod.metadata.deletionTimestamp !== undefined || !isControlledBy(pod, object)) return false;
    if (stringAt(pod, "metadata", "labels", "controller-revision-hash") === update) return false;
    return ordinalOf(pod) >= partition && podCause(pod, evidence.events) !== undefined;
  });
}

/** 2 of `db-2`. */
function ordinalOf(pod: KubeObject): number {
  return Number(pod.metadata.name.slice(pod.metadata.name.lastIndexOf("-") + 1));
}

/** The first stuck pod, as a cause. */
export function stuckPodsCause(evidence: Evidence): SuspectedCause | undefined {
  const pod = stuckPods(evidence)[0];
  const found = pod === undefined ? undefined : podCause(pod, evidence.events);
  if (found === undefined) return undefined;
  const message = `a pod of an older revision blocks the update until it is deleted; ${found.reason}: ${found.message}`;
  return { ...found, reason: "StuckOnOldRevision", message, gracePeriod: gracePeriods.deadline };
}
