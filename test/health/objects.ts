/** Objects in the shapes the API server gives them, cut down to what health looks at. */
import type { Evidence } from "../../src/health/evidence/evidence.ts";
import { isObject, type Json, type JsonObject } from "../../src/model/json/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";

/** The moment at which everything is judged. */
export const now: Date = new Date("2026-11-21T02:30:00Z");

/** The API server's text for a moment so many seconds before `now`. */
export function ago(seconds: number): string {
  return `${new Date(now.getTime() - seconds * 1000).toISOString().slice(0, 19)}Z`;
}

/** An object of `shop`; its UID is its kind and name. */
export function object(apiVersion: string, kind: string, parts: JsonObject = {}, name = "web"): KubeObject {
  const { metadata, ...rest } = parts;
  const base = { name, namespace: "shop", uid: `${kind}-${name}`, generation: 2, creationTimestamp: ago(600) };
  return { apiVersion, kind, metadata: { ...base, ...(isObject(metadata) ? metadata : {}) }, ...rest };
}

/** The evidence of an object alone. */
export function alone(subject: KubeObject, events: readonly KubeObject[] = []): Evidence {
  return { object: subject, pods: [], events };
}

export const template: JsonObject = {
  metadata: { labels: { app: "web" } },
  spec: { containers: [{ name: "web", image: "registry.test/web:2" }] },
};

const progressing: JsonObject = { type: "Progressing", status: "True", reason: "ReplicaSetUpdated", message: "" };

/** A Deployment of three replicas whose newest revision has one replica so far, which is not available. */
export function rollingDeployment(status: JsonObject = {}, spec: JsonObject = {}): KubeObject {
  return object("apps/v1", "Deployment", {
    spec: { replicas: 3, progressDeadlineSeconds: 600, selector: { matchLabels: { app: "web" } }, template, ...spec },
    status: {
      observedGeneration: 2,
      replicas: 4,
      updatedReplicas: 1,
      readyReplicas: 3,
      availableReplicas: 3,
      conditions: [progressing, { type: "Available", status: "True" }],
      ...status,
    },
  });
}

/** A ReplicaSet of a Deployment, of the given template. */
export function replicaSetOf(
  owner: KubeObject,
  hash: string,
  parts: JsonObject = {},
  of: JsonObject = template,
): KubeObject {
  const metadata = {
    ownerReferences: [{ kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid ?? "" }],
  };
  const labels = { app: "web", "pod-template-hash": hash };
  const hashed = { ...of, metadata: { labels } };
  return object("apps/v1", "ReplicaSet", { metadata, spec: { template: hashed }, ...parts }, `web-${hash}`);
}

/** A pod of an owner, pending unless `status` says otherwise, created half a minute ago. */
export function podOf(owner: KubeObject, status: JsonObject = {}, metadata: JsonObject = {}): KubeObject {
  const ownerReferences = [
    { kind: owner.kind, name: owner.metadata.name, uid: owner.metadata.uid ?? "", controller: true },
  ];
  const name = typeof metadata.name === "string" ? metadata.name : `${owner.metadata.name}-x2x`;
  return object(
    "v1",
    "Pod",
    {
      metadata: { ownerReferences, creationTimestamp: ago(20), ...metadata },
      status: {
        phase: "Pending",
        startTime: ago(20),
        conditions: [
          {
            type: "Ready",
            status: "False",
            reason: "ContainersNotReady",
            message: "containers with unready status: [web]",
          },
        ],
        ...status,
      },
    },
    name,
  );
}

/** The status of a container that waits. */
export function waiting(reason: string, message: string, more: JsonObject = {}): JsonObject {
  return {
    name: "web",
    ready: false,
    restartCount: 0,
    lastState: {},
    state: { waiting: { reason, message } },
    ...more,
  };
}

/** The status of a container in a crash loop. */
export function crashing(restartCount: number, terminated: JsonObject): JsonObject {
  const message = "back-off 40s restarting failed container=web pod=web-5d4f-x2x_shop(1)";
  return waiting("CrashLoopBackOff", message, { restartCount, lastState: { terminated } });
}

/** The status of a pod that is ready. */
export const ready: JsonObject = {
  phase: "Running",
  conditions: [{ type: "Ready", status: "True" }],
  containerStatuses: [{ name: "web", ready: true, restartCount: 0, state: { running: { startedAt: ago(10) } } }],
};

/** A warning about an object (or a container of a pod), so many seconds ago, as the core API holds it. */
export function eventAbout(about: KubeObject, reason: string, message: string, more: EventDetail = {}): KubeObject {
  const { seconds = 5, container } = more;
  const involved = { kind: about.kind, name: about.metadata.name, uid: about.metadata.uid ?? "" };
  const fieldPath = container === undefined ? {} : { fieldPath: `spec.containers{${container}}` };
  return object("v1", "Event", {
    involvedObject: { ...involved, ...fieldPath },
    type: "Warning",
    reason,
    message,
    firstTimestamp: ago(seconds),
    lastTimestamp: ago(seconds),
  });
}

interface EventDetail {
  readonly seconds?: number;
  readonly container?: string;
}

/** A Deployment in mid-rollout with one pod of the newest revision whose container is as given. */
export function rolloutWith(container: Json, events: (pod: KubeObject) => readonly KubeObject[] = () => []): Evidence {
  const deployment = rollingDeployment();
  const newest = replicaSetOf(deployment, "5d4f");
  const pod = podOf(newest, { containerStatuses: [container] });
  return { object: deployment, pods: [pod], related: [newest], events: events(pod) };
}
