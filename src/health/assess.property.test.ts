import fc from "fast-check";
import { expect, test } from "vitest";
import { ago, now, object } from "../../test/health/objects.ts";
import { propertyRuns } from "../../test/support/properties/property-runs.ts";
import { isObject, type Json, type JsonObject } from "../model/json/json.ts";
import type { KubeObject } from "../model/manifest.ts";
import { assess, stuckPods } from "./index.ts";

const kinds = [
  ["apps/v1", "Deployment"],
  ["apps/v1", "StatefulSet"],
  ["apps/v1", "DaemonSet"],
  ["apps/v1", "ReplicaSet"],
  ["v1", "ReplicationController"],
  ["v1", "Pod"],
  ["v1", "Service"],
  ["v1", "PersistentVolumeClaim"],
  ["v1", "PersistentVolume"],
  ["batch/v1", "Job"],
  ["policy/v1", "PodDisruptionBudget"],
  ["apiextensions.k8s.io/v1", "CustomResourceDefinition"],
  ["apiregistration.k8s.io/v1", "APIService"],
  ["helm.toolkit.fluxcd.io/v2", "HelmRelease"],
  ["shop.test/v1", "Shop"],
] as const;

/** Every key that health reads, so that nonsense is found where it looks. */
const keys = [
  "conditions",
  "type",
  "status",
  "reason",
  "message",
  "lastTransitionTime",
  "observedGeneration",
  "phase",
  "startTime",
  "replicas",
  "readyReplicas",
  "updatedReplicas",
  "availableReplicas",
  "updateRevision",
  "currentRevision",
  "containerStatuses",
  "initContainerStatuses",
  "state",
  "lastState",
  "waiting",
  "terminated",
  "running",
  "exitCode",
  "restartCount",
  "name",
  "loadBalancer",
  "ingress",
  "desiredNumberScheduled",
  "succeeded",
  "spec",
  "template",
  "metadata",
  "labels",
  "selector",
  "matchLabels",
  "matchExpressions",
  "updateStrategy",
  "rollingUpdate",
  "partition",
];
const words = [
  "True",
  "False",
  "Ready",
  "Progressing",
  "Available",
  "ReplicaFailure",
  "FailedCreate",
  "Stalled",
  "Failed",
  "CrashLoopBackOff",
  "ImagePullBackOff",
  "CreateContainerConfigError",
  "Pending",
  "LoadBalancer",
  ago(5),
  "not found",
];

const key = fc.constantFrom(...keys);
const json: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { maxDepth: 6, depthSize: "medium" },
    fc.constantFrom<Json>(null, true, false, 0, 1, 3, -1, 1e300, "", ...words),
    fc.string(),
    fc.array(tie("json"), { maxLength: 3 }),
    fc.dictionary(key, tie("json"), { maxKeys: 6 }),
  ),
})).json;
const bag = fc.dictionary(key, json, { maxKeys: 10 });

/** An object whose spec and status are anything, and whose name and UID are what the API server guarantees. */
function anyObject(apiVersion: string, kind: string, parts: JsonObject): KubeObject {
  const ownerReferences = [{ uid: "owner" }];
  return object(apiVersion, kind, {
    ...parts,
    metadata: { ...(isObject(parts.metadata) && parts.metadata), name: "web", uid: "owner", ownerReferences },
  });
}

const evidence = fc.record({
  kind: fc.constantFrom(...kinds),
  parts: fc.record({ spec: json, status: fc.oneof(json, bag), metadata: bag }),
  pods: fc.array(fc.record({ spec: json, status: fc.oneof(json, bag), metadata: bag }), { maxLength: 3 }),
  sets: fc.array(fc.record({ spec: json, status: bag }), { maxLength: 2 }),
  events: fc.array(fc.dictionary(key, json), { maxLength: 2 }),
});

test("whatever a status holds, there is a verdict, in one line, that names a cause when failed", () => {
  fc.assert(
    fc.property(evidence, ({ kind: [apiVersion, kind], parts, pods, sets, events }) => {
      const subject = anyObject(apiVersion, kind, parts as JsonObject);
      const given = {
        object: subject,
        pods: pods.map((pod) => anyObject("v1", "Pod", pod as JsonObject)),
        related: sets.map((set) => anyObject("apps/v1", "ReplicaSet", set as JsonObject)),
        events: events.map((event) => ({ ...anyObject("v1", "Event", event), involvedObject: { uid: "owner" } })),
      };
      const verdict = assess(given, now);
      expect(["current", "inProgress", "failed", "terminating"]).toContain(verdict.state);
      expect(verdict.message).not.toBe("");
      expect(verdict.message).not.toMatch(/[\n\r]/);
      if ("cause" in verdict && verdict.cause) expect(verdict.cause.message).not.toBe("");
      stuckPods(given);
    }),
    { numRuns: propertyRuns(300) },
  );
});
