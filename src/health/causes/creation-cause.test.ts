/**
 * Pods that the API server or the scheduler refuses. The words were taken from Kubernetes 1.36: a control plane of
 * test/support/control-plane with a ResourceQuota of one pod, a namespace that enforces the restricted Pod Security
 * Standard, a LimitRange of 1Gi, and pods that name a missing ServiceAccount, PriorityClass and claim.
 */
import { expect, test } from "vitest";
import {
  ago,
  alone,
  eventAbout,
  now,
  object,
  podOf,
  replicaSetOf,
  rollingDeployment,
} from "../../../test/health/objects.ts";
import type { JsonObject } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { assess } from "../index.ts";

const podSecurity =
  'violates PodSecurity "restricted:latest": allowPrivilegeEscalation != false (container "web" must set securityContext.allowPrivilegeEscalation=false), runAsNonRoot != true (pod or container "web" must set securityContext.runAsNonRoot=true)';
const quota = "exceeded quota: tight, requested: pods=1, used: pods=1, limited: pods=1";
const account = 'error looking up service account default/robot: serviceaccount "robot" not found';
const priority = "no PriorityClass with name nope was found";
const limit = "maximum memory usage per Container is 1Gi, but limit is 4Gi";
const webhook = 'admission webhook "policy.test" denied the request: images must be signed';
const webhookDown = 'Internal error occurred: failed calling webhook "policy.test": connect: connection refused';

/** Words after the pod's name, the reason they are given, and the seconds after which they are certain. */
const refusals: readonly (readonly [reason: string, words: string, after: number])[] = [
  ["PodSecurityViolation", podSecurity, 0],
  ["AdmissionDenied", webhook, 0],
  ["AdmissionDenied", limit, 0],
  ["ServiceAccountMissing", account, 30],
  ["PriorityClassMissing", priority, 30],
  ["QuotaExceeded", quota, 60],
  ["FailedCreate", webhookDown, Number.POSITIVE_INFINITY],
];

const deployment = rollingDeployment();
const inDeployment = (words: string, seconds: number) => {
  const message = `pods "web-5d4f-7bcjw" is forbidden: ${words}`;
  const conditions = [
    { type: "ReplicaFailure", status: "True", reason: "FailedCreate", message, lastTransitionTime: ago(seconds) },
  ];
  return {
    object: deployment,
    pods: [],
    events: [],
    related: [replicaSetOf(deployment, "5d4f", { status: { conditions } })],
  };
};

const statefulSet = object("apps/v1", "StatefulSet", { status: { observedGeneration: 2 } }, "db");
const inStatefulSet = (words: string, seconds: number) => {
  const message = `Create Pod db-0 in StatefulSet db failed error: pods "db-0" is forbidden: ${words}`;
  return alone(statefulSet, [eventAbout(statefulSet, "FailedCreate", message, { seconds })]);
};

const job = object("batch/v1", "Job", {}, "migrate");
const inJob = (words: string, seconds: number) => {
  const message = `(combined from similar events): Error creating: pods "migrate-5l5jx" is forbidden: ${words}`;
  return alone(job, [eventAbout(job, "FailedCreate", message, { seconds })]);
};

for (const [kind, evidenceOf] of [
  ["Deployment", inDeployment],
  ["StatefulSet", inStatefulSet],
  ["Job", inJob],
] as const) {
  test.each(refusals)(`${kind}: %s, %s`, (reason, words, after) => {
    if (after > 0) {
      const early = assess(evidenceOf(words, Math.min(after, 3600) - 1), now);
      expect(early).toMatchObject({ state: "inProgress", cause: { reason, message: words } });
    }
    if (after > 3600) return;
    expect(assess(evidenceOf(words, after), now).message).toBe(`${reason}: ${words}`);
  });
}

test("a quota is not certain while a pod of the new revision runs or one terminates", () => {
  const evidence = inDeployment(quota, 600);
  const newest = evidence.related[0] as KubeObject;
  const leaving = podOf(object("apps/v1", "ReplicaSet", {}, "web-old"), {}, { deletionTimestamp: ago(1) });
  for (const pod of [podOf(newest), leaving]) {
    expect(assess({ ...evidence, pods: [pod] }, now)).toMatchObject({
      state: "inProgress",
      cause: { reason: "QuotaExceeded" },
    });
  }
});

test("a refusal is overcome by a pod created since, or by another revision", () => {
  const set = object("apps/v1", "StatefulSet", { status: { observedGeneration: 2, updateRevision: "a" } }, "db");
  const refused = eventAbout(set, "FailedCreate", podSecurity, { seconds: 30 });
  const pod = podOf(set, {}, { labels: { "controller-revision-hash": "a" } });
  expect(assess({ object: set, pods: [pod], events: [refused] }, now)).toEqual({
    state: "inProgress",
    message: "0 of 1 replicas created",
  });
  const since = new Date(now.getTime() - 10_000);
  expect(assess({ ...alone(set, [refused]), since }, now).state).toBe("inProgress");
});

test("the refusal of an old ReplicaSet's pods does not fail the new revision", () => {
  const message = `pods "web-0ld-7bcjw" is forbidden: ${podSecurity}`;
  const conditions = [{ type: "ReplicaFailure", status: "True", reason: "FailedCreate", message }];
  const web = rollingDeployment({ conditions });
  expect(assess({ ...alone(web), related: [replicaSetOf(web, "5d4f")] }, now)).toEqual({
    state: "inProgress",
    message: "1 of 3 replicas updated",
  });
  expect(assess(alone(web), now)).toMatchObject({ state: "inProgress", cause: { reason: "PodSecurityViolation" } });
});

test("a Deployment that cannot have its ReplicaSet says why", () => {
  const message = 'admission webhook "policy.test" denied the request: too many';
  const conditions = [{ type: "Progressing", status: "False", reason: "ReplicaSetCreateError", message }];
  expect(assess(alone(rollingDeployment({ conditions })), now).message).toBe(`AdmissionDenied: ${message}`);
});

const scheduled = (message: string): JsonObject => ({
  conditions: [
    { type: "PodScheduled", status: "False", reason: "Unschedulable", message, lastTransitionTime: ago(20) },
  ],
});
const noNode =
  "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
const noClaim = '0/1 nodes are available: persistentvolumeclaim "data" not found. not found';

test("what cannot be scheduled is told in the scheduler's words, and left to the deadline", () => {
  const newest = replicaSetOf(deployment, "5d4f");
  const evidence = { object: deployment, related: [newest], events: [], pods: [podOf(newest, scheduled(noNode))] };
  expect(assess(evidence, new Date(now.getTime() + 3_600_000))).toMatchObject({
    state: "inProgress",
    cause: { reason: "Unschedulable", message: noNode, pod: "web-5d4f-x2x" },
  });
});

test("a claim that does not exist is certain after half a minute", () => {
  const newest = replicaSetOf(deployment, "5d4f");
  const evidence = { object: deployment, related: [newest], events: [], pods: [podOf(newest, scheduled(noClaim))] };
  expect(assess(evidence, new Date(now.getTime() + 9_000)).state).toBe("inProgress");
  expect(assess(evidence, new Date(now.getTime() + 10_000)).message).toBe(
    `Unschedulable: pod web-5d4f-x2x: ${noClaim}`,
  );
});

test("a volume that cannot be mounted is told by the name that is missing, not by the timeout that follows", () => {
  const newest = replicaSetOf(deployment, "5d4f");
  const pod = podOf(newest, {
    containerStatuses: [{ name: "web", state: { waiting: { reason: "ContainerCreating" } } }],
  });
  const missing = 'MountVolume.SetUp failed for volume "app" : configmap "app" not found';
  const events = [
    eventAbout(pod, "FailedMount", missing, { seconds: 29 }),
    eventAbout(pod, "FailedMount", "Unable to attach or mount volumes: timed out waiting for the condition", {
      seconds: 1,
    }),
  ];
  const evidence = { object: deployment, related: [newest], events, pods: [pod] };
  expect(assess(evidence, now)).toMatchObject({
    state: "inProgress",
    cause: { reason: "FailedMount", message: missing },
  });
  expect(assess(evidence, new Date(now.getTime() + 1_000)).message).toBe(`FailedMount: pod web-5d4f-x2x: ${missing}`);
});
