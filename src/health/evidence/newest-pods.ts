import { canonicalJson, isObject, type JsonObject, objectAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { type Evidence, isControlledBy } from "./evidence.ts";

function withoutHash(template: JsonObject | undefined): string {
  const labels = objectAt(template, "metadata", "labels");
  const metadata = objectAt(template, "metadata");
  return canonicalJson({
    ...template,
    metadata: { ...metadata, labels: { ...labels, "pod-template-hash": undefined } },
  });
}

/**
 * The ReplicaSet of a Deployment's newest revision: the one whose template is the Deployment's, which is how the
 * controller itself finds it (kubernetes pkg/controller/deployment/util, FindNewReplicaSet). Revision numbers and
 * hashes in status lag behind after a rollback, and would blame the old ReplicaSet's pods on the new revision.
 */
export function newestReplicaSet(evidence: Evidence): KubeObject | undefined {
  const deployment = evidence.object;
  const wanted = withoutHash(objectAt(deployment, "spec", "template"));
  return (evidence.related ?? [])
    .filter((replicaSet) => isControlledBy(replicaSet, deployment))
    .find((replicaSet) => withoutHash(objectAt(replicaSet, "spec", "template")) === wanted);
}

function label(object: KubeObject, name: string): string | undefined {
  return stringAt(object, "metadata", "labels", name);
}

function isNewest(pod: KubeObject, evidence: Evidence): boolean {
  const { object } = evidence;
  if (object.kind === "StatefulSet") {
    const revision = stringAt(object, "status", "updateRevision");
    return revision !== undefined && label(pod, "controller-revision-hash") === revision;
  }
  if (object.kind === "DaemonSet") {
    const generation = stringAt(object, "metadata", "annotations", "deprecated.daemonset.template.generation");
    return generation === undefined || label(pod, "pod-template-generation") === generation;
  }
  return true;
}

/**
 * The pods that speak for the newest revision of a workload: controlled by it (by its newest ReplicaSet, for a
 * Deployment), of its newest template, and not on their way out.
 */
export function newestPods(evidence: Evidence): readonly KubeObject[] {
  const owner = evidence.object.kind === "Deployment" ? newestReplicaSet(evidence) : evidence.object;
  if (owner === undefined) return [];
  return evidence.pods.filter(
    (pod) =>
      isObject(pod.metadata) &&
      pod.metadata.deletionTimestamp === undefined &&
      isControlledBy(pod, owner) &&
      isNewest(pod, evidence),
  );
}
