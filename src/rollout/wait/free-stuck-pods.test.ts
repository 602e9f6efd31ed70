/** Pods of a failed revision that a StatefulSet waits for in vain are deleted, each once (kubernetes/kubernetes#67250). */
import { expect, test } from "vitest";
import { never } from "../../../test/rollout/objects.ts";
import type { DeleteOptions, ObjectRef } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { PodFreer } from "./free-stuck-pods.ts";

const set: KubeObject = {
  ...{ apiVersion: "apps/v1", kind: "StatefulSet" },
  metadata: { name: "db", namespace: "shop", uid: "set" },
  spec: { replicas: 2 },
  status: { updateRevision: "db-good" },
};

/** A pod of the set that its image keeps from starting. */
const pod = (ordinal: number, revision: string, metadata: Partial<KubeObject["metadata"]> = {}): KubeObject => ({
  ...{ apiVersion: "v1", kind: "Pod" },
  metadata: {
    ...{ name: `db-${ordinal}`, namespace: "shop", uid: `pod-${ordinal}` },
    labels: { "controller-revision-hash": revision },
    ownerReferences: [{ apiVersion: "apps/v1", kind: "StatefulSet", name: "db", uid: "set", controller: true }],
    ...metadata,
  },
  status: {
    containerStatuses: [
      {
        ...{ name: "db", ready: false, restartCount: 0 },
        state: { waiting: { reason: "ImagePullBackOff", message: "Back-off pulling image" } },
      },
    ],
  },
});

function freerOf(pods: readonly KubeObject[], answer: () => Promise<"deleted"> = async () => "deleted") {
  const deleted: (readonly [ObjectRef, DeleteOptions])[] = [];
  const failed: Failure[] = [];
  const target = {
    cluster: {
      delete: (ref: ObjectRef, options: DeleteOptions) => {
        deleted.push([ref, options]);
        return answer();
      },
    },
    evidence: { of: () => ({ pods, related: [], events: [] }) },
  };
  return { freer: new PodFreer(target, (failure) => failed.push(failure)), deleted, failed };
}

test("one of the failed revision, by its uid, and once", () => {
  const { freer, deleted } = freerOf([pod(1, "db-bad"), pod(0, "db-good")]);
  freer.free(set, never);
  freer.free(set, never);
  expect(deleted).toEqual([
    [
      { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "db-1" },
      { uid: "pod-1", propagation: "Background" },
    ],
  ]);
});

test.each<readonly [what: string, object: KubeObject, pods: readonly KubeObject[]]>([
  ["a Deployment replaces its pods itself", { ...set, kind: "Deployment" }, [pod(1, "db-bad")]],
  ["pods of the new revision may get well", set, [pod(1, "db-good")]],
  ["one that is being deleted is", set, [pod(1, "db-bad", { deletionTimestamp: "2026-01-01T00:00:00Z" })]],
  ["those of others are not ours", set, [pod(1, "db-bad", { ownerReferences: [] })]],
  ["one without uid may be another one by now", set, [pod(1, "db-bad", { uid: "" })].map(withoutUid)],
])("nothing is deleted: %s", (_what, object, pods) => {
  const { freer, deleted } = freerOf(pods);
  freer.free(object, never);
  expect(deleted).toEqual([]);
});

function withoutUid(object: KubeObject): KubeObject {
  const { uid: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

test("a deletion that the API server did not take is tried again when the set is judged next", async () => {
  const { freer, deleted, failed } = freerOf([pod(1, "db-bad")], () =>
    Promise.reject(new Failure("ClusterUnreachable", { message: "no" })),
  );
  freer.free(set, never);
  await new Promise((resolve) => setImmediate(resolve));
  freer.free(set, never);
  expect([deleted.length, failed]).toEqual([2, []]);
});

test("a bug in it is told", async () => {
  const { freer, failed } = freerOf([pod(1, "db-bad")], () => Promise.reject(new TypeError("a bug")));
  freer.free(set, never);
  await new Promise((resolve) => setImmediate(resolve));
  expect(failed).toMatchObject([{ code: "Bug" }]);
});
