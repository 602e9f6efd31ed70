/** Only pods of the newest revision, made by this attempt, may fail a workload before the deadline. */
import { expect, test } from "vitest";
import {
  ago,
  crashing,
  now,
  object,
  podOf,
  ready,
  replicaSetOf,
  rollingDeployment,
  template,
  waiting,
} from "../../../test/health/objects.ts";
import type { JsonObject } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { assess, type Evidence, stuckPods } from "../index.ts";

const noImage: JsonObject = { containerStatuses: [waiting("ErrImageNeverPull", "not present")] };
const oldTemplate: JsonObject = { spec: { containers: [{ name: "web", image: "registry.test/web:1" }] } };
const deployment = rollingDeployment();
const newest = replicaSetOf(deployment, "new");
const older = replicaSetOf(deployment, "old", {}, oldTemplate);
const related = [older, newest];
const events: readonly KubeObject[] = [];

test("a broken pod of the newest ReplicaSet fails the Deployment", () => {
  expect(assess({ object: deployment, related, events, pods: [podOf(newest, noImage)] }, now).state).toBe("failed");
});

const spared: readonly (readonly [string, Partial<Evidence>])[] = [
  ["of an old ReplicaSet", { pods: [podOf(older, noImage)] }],
  ["of another owner with the same labels", { pods: [podOf(object("apps/v1", "ReplicaSet", {}, "other"), noImage)] }],
  ["of nobody", { pods: [podOf(newest, noImage, { ownerReferences: [] })] }],
  ["on its way out", { pods: [podOf(newest, noImage, { deletionTimestamp: ago(1) })] }],
  ["while no ReplicaSet is known", { pods: [podOf(newest, noImage)], related: [] }],
];

test.each(spared)("a broken pod %s is no cause at all", (_, evidence) => {
  expect(assess({ object: deployment, related, events, pods: [], ...evidence }, now)).toEqual({
    state: "inProgress",
    message: "1 of 3 replicas updated",
  });
});

const proven: JsonObject = { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" };
const waits: readonly (readonly [string, Partial<Evidence>])[] = [
  ["older than the attempt", { pods: [podOf(newest, noImage)], since: new Date(now.getTime() - 5_000) }],
  ["with a sibling that is ready", { pods: [podOf(newest, noImage), podOf(newest, ready, { name: "web-new-ok" })] }],
  [
    "of a revision that was complete before",
    { object: rollingDeployment({ conditions: [proven] }), pods: [podOf(newest, noImage)] },
  ],
];

test.each(waits)("a broken pod %s is a cause, for the deadline", (_, evidence) => {
  expect(assess({ object: deployment, related, events, pods: [], ...evidence }, now)).toMatchObject({
    state: "inProgress",
    cause: { reason: "ErrImageNeverPull", pod: "web-new-x2x" },
  });
});

test("a pod of the very second in which the attempt began belongs to it", () => {
  const pod = podOf(newest, noImage, { creationTimestamp: "2026-11-21T02:29:40Z" });
  const evidence = { object: deployment, related, events, pods: [pod] };
  expect(assess({ ...evidence, since: new Date("2026-11-21T02:29:40.900Z") }, now).state).toBe("failed");
  expect(assess({ ...evidence, since: new Date("2026-11-21T02:29:41Z") }, now).state).toBe("inProgress");
});

test("a sibling that is ready between two crashes proves nothing", () => {
  const terminated = { exitCode: 1, reason: "Error" };
  const flapping = {
    ...ready,
    containerStatuses: [{ name: "web", ready: true, restartCount: 3, state: { running: {} } }],
  };
  const pods = [podOf(newest, { containerStatuses: [crashing(4, terminated)] }), podOf(newest, flapping)];
  expect(assess({ object: deployment, related, events, pods }, now).state).toBe("failed");
});

test("after a rollback the old revision's pods are not blamed on the one rolled back to", () => {
  // The template is the first one again; revision numbers and conditions in status still speak of the second.
  const back = rollingDeployment(
    { updatedReplicas: 2 },
    { template: { ...oldTemplate, metadata: { labels: { app: "web" } } } },
  );
  const broken = podOf(newest, noImage);
  expect(assess({ object: back, related, events, pods: [broken] }, now)).toEqual({
    state: "inProgress",
    message: "2 of 3 replicas updated",
  });
  const healthy = podOf(older, noImage);
  expect(assess({ object: back, related, events, pods: [healthy] }, now).state).toBe("failed");
});

test("a template is found again whatever the order of its keys", () => {
  const { metadata, spec } = template as { metadata: JsonObject; spec: JsonObject };
  const same = rollingDeployment({}, { template: { spec, metadata } });
  expect(assess({ object: same, related, events, pods: [podOf(newest, noImage)] }, now).state).toBe("failed");
});

function statefulSet(more: JsonObject = {}, spec: JsonObject = {}): KubeObject {
  const status = { observedGeneration: 2, replicas: 2, readyReplicas: 1, updatedReplicas: 1, currentRevision: "web-a" };
  return object("apps/v1", "StatefulSet", { spec: { replicas: 2, ...spec }, status: { ...status, ...more } });
}

const atB = { name: "web-1", labels: { "controller-revision-hash": "web-b" } };

test("a StatefulSet is failed by pods of its update revision only", () => {
  const toB = statefulSet({ updateRevision: "web-b" });
  expect(assess({ object: toB, events, pods: [podOf(toB, noImage, atB)] }, now)).toMatchObject({
    state: "failed",
    cause: { pod: "web-1" },
  });
});

test("a StatefulSet that went back names the pod it is stuck on", () => {
  const backToA = statefulSet({ updateRevision: "web-a" });
  const evidence: Evidence = { object: backToA, events, pods: [podOf(backToA, noImage, atB)] };
  expect(assess(evidence, now)).toMatchObject({
    state: "inProgress",
    message: "1 of 2 replicas ready",
    cause: {
      reason: "StuckOnOldRevision",
      pod: "web-1",
      message: "a pod of an older revision blocks the update until it is deleted; ErrImageNeverPull: not present",
    },
  });
  expect(stuckPods(evidence).map((pod) => pod.metadata.name)).toEqual(["web-1"]);
});

const free: readonly (readonly [string, JsonObject])[] = [
  ["Parallel replaces it by itself", { podManagementPolicy: "Parallel" }],
  ["OnDelete leaves it to people", { updateStrategy: { type: "OnDelete" } }],
  ["it is below the partition", { updateStrategy: { rollingUpdate: { partition: 2 } } }],
];

test.each(free)("no pod is stuck where %s", (_, spec) => {
  const set = statefulSet({ updateRevision: "web-a" }, spec);
  expect(stuckPods({ object: set, events, pods: [podOf(set, noImage, atB)] })).toEqual([]);
});

test("a DaemonSet is failed by pods of its newest template only", () => {
  const annotations = { "deprecated.daemonset.template.generation": "2" };
  const status = { observedGeneration: 2, desiredNumberScheduled: 1, currentNumberScheduled: 1 };
  const set = object("apps/v1", "DaemonSet", { metadata: { annotations }, status });
  const at = (generation: string) => podOf(set, noImage, { labels: { "pod-template-generation": generation } });
  expect(assess({ object: set, events, pods: [at("1")] }, now).state).toBe("inProgress");
  expect(assess({ object: set, events, pods: [at("2")] }, now).state).toBe("failed");
});

test("among causes for the deadline a root is told before what follows from it", () => {
  const evicted = podOf(
    newest,
    { phase: "Failed", reason: "Evicted", message: "low on memory" },
    { name: "web-new-1" },
  );
  const running = { name: "web", ready: false, restartCount: 0, state: { running: {} } };
  const unready = podOf(newest, { containerStatuses: [running] }, { name: "web-new-2" });
  const pulling = podOf(newest, { containerStatuses: [waiting("ErrImagePull", "no")] }, { name: "web-new-3" });
  const verdict = assess({ object: deployment, related, events, pods: [evicted, unready, pulling] }, now);
  expect(verdict).toMatchObject({ state: "inProgress", cause: { reason: "ErrImagePull", pod: "web-new-3" } });
});

test("an old replica that waits for a broken new one does not hide the cause", () => {
  // One replica, surge one: the new one exists, so none is missing, but the old one cannot go.
  const single = rollingDeployment(
    { replicas: 2, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
    { replicas: 1 },
  );
  expect(assess({ object: single, related, events, pods: [podOf(newest, noImage)] }, now).state).toBe("failed");
  const slow = podOf(newest, { containerStatuses: [waiting("ErrImagePull", "no")] });
  expect(assess({ object: single, related, events, pods: [slow] }, now)).toMatchObject({
    state: "inProgress",
    message: "1 old replica pending termination",
    cause: { reason: "ErrImagePull" },
  });
});

test("a container that recovered is not the one that keeps its pod from being ready", () => {
  const terminated = { exitCode: 1, reason: "Error", message: "lost the leader election" };
  const recovered = { name: "proxy", ready: true, restartCount: 1, state: { running: {} }, lastState: { terminated } };
  const starting = { name: "web", ready: false, restartCount: 0, started: true, state: { running: {} } };
  const pod = podOf(newest, { containerStatuses: [recovered, starting] });
  expect(assess({ object: deployment, related, events, pods: [pod] }, now)).toMatchObject({
    cause: { reason: "NotReady", container: "web" },
  });
});
