/** The rules of kstatus, kind by kind, and where these differ from it (see docs/health.md). */
import { expect, test } from "vitest";
import { ago, alone, now, object } from "../../../test/health/objects.ts";
import type { JsonObject } from "../../model/json/json.ts";
import { assess } from "../index.ts";

type Row = readonly [state: string, message: string, spec: JsonObject, status: JsonObject];

function check(apiVersion: string, kind: string, rows: readonly Row[]): void {
  test.each(rows)(`${kind}: %s, %s`, (state, message, spec, status) => {
    const verdict = assess(alone(object(apiVersion, kind, { spec, status })), now);
    expect([verdict.state, verdict.message]).toEqual([state, message]);
  });
}

const seen = { observedGeneration: 2 };
const conditions = [
  { type: "Progressing", status: "True", reason: "NewReplicaSetAvailable" },
  { type: "Available", status: "True" },
];
const deadline = { progressDeadlineSeconds: 600 };
const full = { ...seen, replicas: 3, updatedReplicas: 3, readyReplicas: 3, availableReplicas: 3, conditions };
const exceeded = {
  type: "Progressing",
  status: "False",
  reason: "ProgressDeadlineExceeded",
  message: 'ReplicaSet "web-5d4f" has timed out progressing.',
};

check("apps/v1", "Deployment", [
  ["inProgress", "the controller has not seen the Deployment yet", { replicas: 3 }, {}],
  [
    "inProgress",
    "generation 2 not seen by the controller yet (1 is)",
    { replicas: 3 },
    { ...full, observedGeneration: 1 },
  ],
  ["inProgress", "2 of 3 replicas updated", { replicas: 3 }, { ...full, updatedReplicas: 2 }],
  ["inProgress", "1 old replica pending termination", { replicas: 3 }, { ...full, replicas: 4 }],
  ["inProgress", "2 of 3 updated replicas available", { replicas: 3 }, { ...full, availableReplicas: 2 }],
  ["inProgress", "2 of 3 replicas ready", { replicas: 3 }, { ...full, readyReplicas: 2 }],
  [
    "inProgress",
    "the newest ReplicaSet is not available yet",
    { replicas: 3, ...deadline },
    { ...full, conditions: [] },
  ],
  ["inProgress", "the Deployment is not available yet", { replicas: 3 }, { ...full, conditions: [] }],
  ["current", "3 of 3 replicas available", { replicas: 3, ...deadline }, full],
  ["current", "1 of 1 replicas available", {}, { ...full, replicas: 1, updatedReplicas: 1, availableReplicas: 1 }],
  ["current", "scaled to zero", { replicas: 0, ...deadline }, { ...seen, conditions }],
  ["inProgress", "2 old replicas pending termination", { replicas: 0 }, { ...seen, replicas: 2, conditions }],
  ["current", "paused, so not rolled out any further", { replicas: 3, paused: true }, seen],
  [
    "failed",
    'ProgressDeadlineExceeded: ReplicaSet "web-5d4f" has timed out progressing.',
    { replicas: 3 },
    { ...full, updatedReplicas: 2, conditions: [exceeded] },
  ],
]);

test("a progress deadline that passed before the attempt began is no failure of it", () => {
  const conditions = [{ ...exceeded, lastTransitionTime: ago(60) }];
  const web = object("apps/v1", "Deployment", { spec: { replicas: 3 }, status: { ...full, conditions } });
  const since = new Date(now.getTime() - 30_000);
  expect(assess({ ...alone(web), since }, now)).toMatchObject({
    state: "inProgress",
    cause: { reason: "ProgressDeadlineExceeded" },
  });
});

const set = { ...seen, replicas: 3, readyReplicas: 3, updatedReplicas: 3, currentRevision: "a", updateRevision: "a" };
const partition = { updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 2 } } };
const onDelete = { updateStrategy: { type: "OnDelete" } };

check("apps/v1", "StatefulSet", [
  ["inProgress", "the controller has not seen the StatefulSet yet", { replicas: 3 }, {}],
  ["inProgress", "2 of 3 replicas created", { replicas: 3 }, { ...set, replicas: 2 }],
  ["inProgress", "2 of 3 replicas ready", { replicas: 3 }, { ...set, readyReplicas: 2 }],
  ["inProgress", "1 replica pending termination", { replicas: 2 }, set],
  ["inProgress", "1 of 3 replicas updated", { replicas: 3 }, { ...set, updatedReplicas: 1, updateRevision: "b" }],
  ["inProgress", "1 of 3 replicas available", { replicas: 3, minReadySeconds: 5 }, { ...set, availableReplicas: 1 }],
  ["current", "3 of 3 replicas ready", { replicas: 3 }, set],
  ["current", "scaled to zero", { replicas: 0 }, { ...seen, currentRevision: "a", updateRevision: "a" }],
  [
    "inProgress",
    "0 of 1 replicas above the partition updated",
    { replicas: 3, ...partition },
    { ...set, updatedReplicas: 0, updateRevision: "b" },
  ],
  [
    "current",
    "3 of 3 replicas ready, 1 updated (partition 2)",
    { replicas: 3, ...partition },
    { ...set, updatedReplicas: 1, updateRevision: "b" },
  ],
  ["current", "3 of 3 replicas ready (update OnDelete)", { replicas: 3, ...onDelete }, { ...set, updateRevision: "b" }],
  ["inProgress", "0 of 3 replicas ready", { replicas: 3, ...onDelete }, { ...set, readyReplicas: 0 }],
]);

const daemons = {
  ...seen,
  desiredNumberScheduled: 2,
  currentNumberScheduled: 2,
  updatedNumberScheduled: 2,
  numberAvailable: 2,
  numberReady: 2,
};

check("apps/v1", "DaemonSet", [
  ["inProgress", "the controller has not seen the DaemonSet yet", {}, {}],
  ["inProgress", "1 of 2 pods created", {}, { ...daemons, currentNumberScheduled: 1 }],
  ["inProgress", "1 of 2 pods updated", {}, { ...daemons, updatedNumberScheduled: 1 }],
  ["inProgress", "1 of 2 pods available", {}, { ...daemons, numberAvailable: 1 }],
  ["inProgress", "1 of 2 pods ready", {}, { ...daemons, numberReady: 1 }],
  ["current", "2 of 2 pods ready", {}, daemons],
  ["current", "2 of 2 pods ready", onDelete, { ...daemons, updatedNumberScheduled: 0 }],
  ["current", "no node should run it", {}, { ...seen, desiredNumberScheduled: 0 }],
]);

const replicas = { ...seen, replicas: 2, readyReplicas: 2, availableReplicas: 2 };

check("apps/v1", "ReplicaSet", [
  ["inProgress", "1 of 2 replicas created", { replicas: 2 }, { ...replicas, replicas: 1 }],
  ["inProgress", "1 of 2 replicas available", { replicas: 2 }, { ...replicas, availableReplicas: 1 }],
  ["inProgress", "1 of 2 replicas ready", { replicas: 2 }, { ...replicas, readyReplicas: 1 }],
  ["inProgress", "1 replica pending termination", { replicas: 1 }, replicas],
  ["current", "2 of 2 replicas available", { replicas: 2 }, replicas],
  ["current", "scaled to zero", { replicas: 0 }, seen],
]);

check("batch/v1", "Job", [
  ["inProgress", "0 of 1 completions", {}, {}],
  ["inProgress", "1 of 3 completions", { completions: 3 }, { active: 1, succeeded: 1, startTime: ago(5) }],
  [
    "current",
    "complete, 3 of 3 succeeded",
    { completions: 3 },
    { succeeded: 3, conditions: [{ type: "Complete", status: "True" }] },
  ],
  ["current", "suspended", { suspend: true }, { conditions: [{ type: "Suspended", status: "True" }] }],
]);

check("v1", "Pod", [
  ["inProgress", "not seen by the scheduler yet", {}, {}],
  ["inProgress", "pending, not ready", {}, { phase: "Pending" }],
  ["current", "ready", {}, { phase: "Running", conditions: [{ type: "Ready", status: "True" }] }],
  ["current", "succeeded", {}, { phase: "Succeeded" }],
  [
    "failed",
    "Evicted: pod web: The node was low on resource: memory.",
    {},
    { phase: "Failed", reason: "Evicted", message: "The node was low on resource: memory." },
  ],
]);
