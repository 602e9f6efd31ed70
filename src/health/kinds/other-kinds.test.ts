import { expect, test } from "vitest";
import { ago, alone, eventAbout, now, object } from "../../../test/health/objects.ts";
import type { JsonObject } from "../../model/json/json.ts";
import { assess, needsWatch } from "../index.ts";

type Row = readonly [apiVersion: string, kind: string, parts: JsonObject, state: string, message: string];

const status = (type: string, value: string, reason = "", message = ""): JsonObject => ({
  status: { conditions: [{ type, status: value, reason, message }] },
});
const loadBalancer = { type: "LoadBalancer" };
const addressed = { loadBalancer: { ingress: [{ ip: "192.0.2.7" }] } };
const claimed = { metadata: { finalizers: ["service.kubernetes.io/load-balancer-cleanup"] } };
const fresh = { metadata: { creationTimestamp: ago(4) } };
const crd = "apiextensions.k8s.io/v1";
const conflict = '"webs.shop.test" conflicts with the names of another';

const rows: readonly Row[] = [
  ["v1", "ConfigMap", {}, "current", "exists"],
  ["v1", "Secret", {}, "current", "exists"],
  ["v1", "Namespace", {}, "current", "exists"],
  ["rbac.authorization.k8s.io/v1", "Role", {}, "current", "exists"],
  ["networking.k8s.io/v1", "Ingress", {}, "current", "exists"],
  ["batch/v1", "CronJob", {}, "current", "exists"],
  ["autoscaling/v2", "HorizontalPodAutoscaler", status("ScalingActive", "False"), "current", "exists"],
  ["v1", "ConfigMap", { metadata: { deletionTimestamp: ago(1) } }, "terminating", "being deleted"],

  ["v1", "Service", { spec: { type: "ClusterIP" } }, "current", "exists"],
  ["v1", "Service", { spec: loadBalancer, status: addressed }, "current", "has an address"],
  ["v1", "Service", { spec: loadBalancer }, "current", "no address: no controller manages the load balancer"],
  ["v1", "Service", { spec: loadBalancer, ...fresh }, "inProgress", "the load balancer has no address yet"],
  ["v1", "Service", { spec: loadBalancer, ...claimed }, "inProgress", "the load balancer has no address yet"],

  ["v1", "PersistentVolumeClaim", { status: { phase: "Bound" } }, "current", "bound"],
  ["v1", "PersistentVolumeClaim", { status: { phase: "Pending" } }, "inProgress", "not bound yet"],
  [
    "v1",
    "PersistentVolumeClaim",
    { status: { phase: "Lost" } },
    "failed",
    "ClaimLost: the volume it was bound to no longer exists",
  ],
  ["v1", "PersistentVolume", { status: { phase: "Available" } }, "current", "available"],
  [
    "v1",
    "PersistentVolume",
    { status: { phase: "Failed", message: "no recycler" } },
    "failed",
    "VolumeFailed: no recycler",
  ],

  [crd, "CustomResourceDefinition", {}, "inProgress", "not established yet"],
  [crd, "CustomResourceDefinition", status("Established", "True"), "current", "established"],
  [crd, "CustomResourceDefinition", status("Established", "False", "Installing"), "inProgress", "not established yet"],
  [
    crd,
    "CustomResourceDefinition",
    status("NamesAccepted", "False", "ListKindConflict", conflict),
    "failed",
    `ListKindConflict: ${conflict}`,
  ],

  ["apiregistration.k8s.io/v1", "APIService", status("Available", "True"), "current", "available"],
  [
    "apiregistration.k8s.io/v1",
    "APIService",
    status("Available", "False", "MissingEndpoints"),
    "inProgress",
    "not available yet",
  ],

  [
    "policy/v1",
    "PodDisruptionBudget",
    { status: { observedGeneration: 2 } },
    "current",
    "allowed disruptions computed",
  ],
  [
    "policy/v1",
    "PodDisruptionBudget",
    { status: { observedGeneration: 1 } },
    "inProgress",
    "generation 2 not seen by the controller yet (1 is)",
  ],

  ["shop.test/v1", "Shop", {}, "current", "exists"],
  [
    "shop.test/v1",
    "Shop",
    { status: { observedGeneration: 1 } },
    "inProgress",
    "generation 2 not seen by the controller yet (1 is)",
  ],
  ["shop.test/v1", "Shop", status("Ready", "True"), "current", "ready"],
  ["shop.test/v1", "Shop", status("Ready", "True", "Open", "open for business"), "current", "open for business"],
  ["shop.test/v1", "Shop", status("Ready", "False", "Closed", "no staff"), "inProgress", "no staff"],
  ["shop.test/v1", "Shop", status("Ready", "Unknown", "Asking"), "inProgress", "Asking"],
  ["shop.test/v1", "Shop", status("Reconciling", "True", "Building", "half built"), "inProgress", "half built"],
  ["shop.test/v1", "Shop", status("Stalled", "True", "NoPermit", "no permit"), "failed", "NoPermit: no permit"],
  [
    "shop.test/v1",
    "Shop",
    { status: { conditions: [{ type: "Ready", status: "True", observedGeneration: 1 }] } },
    "inProgress",
    "generation 2 not evaluated by the controller yet",
  ],

  ["cert-manager.io/v1", "Certificate", {}, "inProgress", "not reported ready yet"],
  ["helm.toolkit.fluxcd.io/v2", "HelmRelease", {}, "inProgress", "not reported ready yet"],
  ["helm.toolkit.fluxcd.io/v2", "HelmRelease", { spec: { suspend: true } }, "current", "suspended"],
];

test.each(rows)("%s %s %j is %s: %s", (...row) => {
  const [apiVersion, kind, parts, state, message] = row;
  const verdict = assess(alone(object(apiVersion, kind, parts)), now);
  expect([verdict.state, verdict.message]).toEqual([state, message]);
});

test("what a condition or an event says is a cause long before it is certain", () => {
  const shop = object("shop.test/v1", "Shop", status("Ready", "False", "Closed", "no staff"));
  expect(assess(alone(shop), now)).toMatchObject({ cause: { reason: "Closed", message: "no staff" } });

  const words = "no persistent volumes available for this claim and no storage class is set";
  const claim = object("v1", "PersistentVolumeClaim", { status: { phase: "Pending" } });
  const claimVerdict = assess(alone(claim, [eventAbout(claim, "FailedBinding", words)]), now);
  expect(claimVerdict).toMatchObject({ state: "inProgress", cause: { reason: "FailedBinding", message: words } });

  const service = object("v1", "Service", { spec: loadBalancer, ...claimed });
  const refused = "Error syncing load balancer: failed to ensure load balancer: quota exceeded";
  const serviceVerdict = assess(alone(service, [eventAbout(service, "SyncLoadBalancerFailed", refused)]), now);
  expect(serviceVerdict).toMatchObject({
    state: "inProgress",
    cause: { reason: "SyncLoadBalancerFailed", message: refused },
  });
});

test("a claim that waits for its first consumer is not waited for", () => {
  const claim = object("v1", "PersistentVolumeClaim", { status: { phase: "Pending" } });
  const words = "waiting for first consumer to be created before binding";
  const events = [
    eventAbout(claim, "WaitForFirstConsumer", words, { seconds: 5 }),
    eventAbout(claim, "ProvisioningFailed", "no", { seconds: 60 }),
  ];
  expect(assess(alone(claim, events), now)).toEqual({ state: "current", message: "waits for its first consumer" });
});

test("what stalled before the attempt began is no failure of it", () => {
  const conditions = [
    { type: "Stalled", status: "True", reason: "NoPermit", message: "no permit", lastTransitionTime: ago(60) },
  ];
  const shop = object("shop.test/v1", "Shop", { status: { conditions } });
  const since = new Date(now.getTime() - 30_000);
  expect(assess({ ...alone(shop), since }, now)).toMatchObject({ state: "inProgress", cause: { reason: "NoPermit" } });
});

test("a Job that failed says how its last pod ended", () => {
  // As Kubernetes 1.36 leaves a Job with backoffLimit 0 whose container exits with 1.
  const failed = {
    type: "Failed",
    status: "True",
    reason: "BackoffLimitExceeded",
    message: "Job has reached the specified backoff limit",
  };
  const job = object("batch/v1", "Job", { status: { failed: 1, conditions: [failed] } }, "migrate");
  const ownerReferences = [{ kind: "Job", name: "migrate", uid: "Job-migrate" }];
  const terminated = { exitCode: 1, reason: "Error", message: 'relation "users" does not exist' };
  const pod = object(
    "v1",
    "Pod",
    {
      metadata: { ownerReferences },
      status: { phase: "Failed", containerStatuses: [{ name: "m", restartCount: 0, state: { terminated } }] },
    },
    "migrate-88vr7",
  );
  expect(assess({ object: job, pods: [pod], events: [] }, now).message).toBe(
    'BackoffLimitExceeded: pod migrate-88vr7, container m: Job has reached the specified backoff limit; the last pod exited with code 1: relation "users" does not exist',
  );
  expect(assess(alone(job), now).message).toBe("BackoffLimitExceeded: Job has reached the specified backoff limit");
});

test("a Job counts its crashes itself, but not an image that is missing", () => {
  const job = object("batch/v1", "Job", {}, "migrate");
  const ownerReferences = [{ kind: "Job", name: "migrate", uid: "Job-migrate" }];
  const pod = (container: JsonObject) =>
    object(
      "v1",
      "Pod",
      {
        metadata: { ownerReferences, creationTimestamp: ago(5) },
        status: { phase: "Pending", containerStatuses: [container] },
      },
      "migrate-1",
    );
  const looping = {
    name: "m",
    restartCount: 9,
    state: { waiting: { reason: "CrashLoopBackOff" } },
    lastState: { terminated: { exitCode: 1, reason: "Error" } },
  };
  const missing = {
    name: "m",
    restartCount: 0,
    state: { waiting: { reason: "ErrImageNeverPull", message: "absent" } },
  };
  expect(assess({ object: job, pods: [pod(looping)], events: [] }, now).state).toBe("inProgress");
  expect(assess({ object: job, pods: [pod(missing)], events: [] }, now).state).toBe("failed");
});

test("only kinds whose health depends on more than existing need watching", () => {
  const idle = [
    ["", "ConfigMap"],
    ["", "Secret"],
    ["rbac.authorization.k8s.io", "Role"],
    ["batch", "CronJob"],
  ] as const;
  const watched = [
    ["apps", "Deployment"],
    ["", "Service"],
    ["batch", "Job"],
    ["shop.test", "Shop"],
  ] as const;
  expect(idle.map(([group, kind]) => needsWatch(group, kind))).toEqual([false, false, false, false]);
  expect(watched.map(([group, kind]) => needsWatch(group, kind))).toEqual([true, true, true, true]);
});
