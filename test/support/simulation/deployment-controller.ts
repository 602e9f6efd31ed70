import { type Cluster, refOf } from "../../../src/cluster/index.ts";
import { numberAt, stringAt, valueAt } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";

/** What becomes of a Deployment: it gets ready, its deadline passes, or neither. */
export type Quality = "good" | "bad" | "slow";

/** So long after a change its Deployment is ready, or has failed. */
const healthMs = 100;

/**
 * The Deployment controller, as far as health goes: it sees each generation at once, and `healthMs` later reports what the
 * image is worth. Of a generation that is not the last by then it reports nothing.
 */
export function createDeploymentController(cluster: Cluster, qualityOf: (image: string) => Quality) {
  const { signal } = new AbortController();
  const report = async (object: KubeObject, status: object): Promise<void> => {
    const live = await cluster.get(refOf(object), signal);
    if (live?.metadata.generation !== object.metadata.generation || live?.metadata.uid !== object.metadata.uid) return;
    const body = { status: { observedGeneration: object.metadata.generation, replicas: 1, ...status } };
    const writer = { subresource: "status", fieldManager: "kube-controller-manager" };
    await cluster.patch(refOf(object), { type: "merge", body }, writer, signal);
  };

  return {
    /** Told of every Deployment that was written. */
    async changed(object: KubeObject): Promise<void> {
      if (numberAt(object, "status", "observedGeneration") === object.metadata.generation) return;
      const quality = qualityOf(imageOf(object));
      const starting = {
        updatedReplicas: 0,
        availableReplicas: 0,
        readyReplicas: 0,
        conditions: [progressing("True")],
      };
      await report(object, starting);
      if (quality === "slow") return;
      const conditions = [progressing("True"), { type: "Available", status: "True" }];
      const ready = { updatedReplicas: 1, availableReplicas: 1, readyReplicas: 1, conditions };
      const failed = { ...starting, conditions: [progressing("False")] };
      setTimeout(() => void report(object, quality === "good" ? ready : failed), healthMs);
    },
  };
}

/** The image that a Deployment runs. */
export function imageOf(object: KubeObject | undefined): string {
  const [container] = (valueAt(object, "spec", "template", "spec", "containers") ?? []) as readonly unknown[];
  return stringAt(container, "image") ?? "";
}

function progressing(status: "True" | "False") {
  const now = new Date().toISOString();
  const reason = status === "True" ? "NewReplicaSetAvailable" : "ProgressDeadlineExceeded";
  return { type: "Progressing", status, reason, message: "", lastUpdateTime: now, lastTransitionTime: now };
}
