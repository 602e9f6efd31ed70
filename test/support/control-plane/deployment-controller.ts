import { numberAt, objectAt } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import type { ControlPlane } from "./control-plane.ts";
import { connectKube } from "./kube-client.ts";

/** Stands in for the Deployment controller where there is none: no pods, only the status it would come to. */
export interface DeploymentController {
  readonly stop: () => Promise<void>;
}

/** Reports every Deployment as rolled out at once, or, where its image is tagged `bad`, as past its progress deadline. */
export function startDeploymentController(plane: ControlPlane): DeploymentController {
  const client = connectKube({ server: plane.server, caFile: plane.caFile, token: plane.adminToken });
  const stopping = new AbortController();
  const report = async (deployment: KubeObject): Promise<void> => {
    const { generation = 0, name, namespace } = deployment.metadata;
    if (numberAt(deployment, "status", "observedGeneration") === generation) return;
    const status = statusOf(deployment, generation);
    await client.request("PATCH", `/apis/apps/v1/namespaces/${namespace}/deployments/${name}/status`, { status });
  };
  const ended = client.follow<KubeObject>(
    "/apis/apps/v1/deployments",
    ({ type, object }) => void (type === "DELETED" ? undefined : report(object).catch(() => undefined)),
    stopping.signal,
  );
  return {
    async stop() {
      stopping.abort();
      await ended;
      await client.close();
    },
  };
}

function statusOf(deployment: KubeObject, generation: number): object {
  const bad = JSON.stringify(objectAt(deployment, "spec", "template")).includes(':bad"');
  const replicas = numberAt(deployment, "spec", "replicas") ?? 1;
  const now = new Date().toISOString().replace(/\.\d+Z$/, "Z");
  const progressing = {
    type: "Progressing",
    status: bad ? "False" : "True",
    reason: bad ? "ProgressDeadlineExceeded" : "NewReplicaSetAvailable",
    message: bad ? "has timed out progressing" : "has successfully progressed",
    lastTransitionTime: now,
    lastUpdateTime: now,
  };
  const available = { ...progressing, type: "Available", status: bad ? "False" : "True", reason: "Stated" };
  const ready = bad ? 0 : replicas;
  return {
    observedGeneration: generation,
    replicas,
    updatedReplicas: replicas,
    readyReplicas: ready,
    availableReplicas: ready,
    unavailableReplicas: replicas - ready,
    conditions: [progressing, available],
  };
}
