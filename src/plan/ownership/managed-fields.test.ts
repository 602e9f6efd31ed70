import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../model/manifest.ts";
import { mooringsOwn, otherManagers } from "./managed-fields.ts";

/**
 * As a kube-apiserver 1.36 answered (less what does not matter here) after an apply by mooring, the injection of a
 * sidecar, a finalizer and replicas, a `kubectl rollout restart` and a status write.
 */
const live: KubeObject = {
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: {
    name: "web",
    namespace: "default",
    labels: { app: "web" },
    finalizers: ["example.com/keep"],
    managedFields: [
      {
        manager: "mooring",
        operation: "Apply",
        apiVersion: "apps/v1",
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:metadata": { "f:labels": { "f:app": {} } },
          "f:spec": {
            "f:selector": {},
            "f:template": {
              "f:metadata": { "f:labels": { "f:app": {} } },
              "f:spec": {
                "f:containers": {
                  'k:{"name":"app"}': {
                    ".": {},
                    "f:args": {},
                    "f:image": {},
                    "f:name": {},
                    "f:ports": { 'k:{"containerPort":80,"protocol":"TCP"}': { ".": {}, "f:containerPort": {} } },
                  },
                },
              },
            },
          },
        },
      },
      {
        manager: "injector",
        operation: "Update",
        apiVersion: "apps/v1",
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:metadata": { "f:finalizers": { ".": {}, 'v:"example.com/keep"': {} } },
          "f:spec": {
            "f:replicas": {},
            "f:template": {
              "f:spec": { "f:containers": { 'k:{"name":"sidecar"}': { ".": {}, "f:image": {}, "f:name": {} } } },
            },
          },
        },
      },
      {
        manager: "kube-controller-manager",
        operation: "Update",
        apiVersion: "apps/v1",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:status": { "f:replicas": {} } },
        subresource: "status",
      },
      {
        manager: "kubectl-rollout",
        operation: "Update",
        apiVersion: "apps/v1",
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:spec": {
            "f:template": {
              "f:metadata": { "f:annotations": { ".": {}, "f:kubectl.kubernetes.io/restartedAt": {} } },
            },
          },
        },
      },
    ],
  },
  spec: {
    replicas: 3,
    selector: { matchLabels: { app: "web" } },
    template: {
      metadata: {
        labels: { app: "web" },
        annotations: { "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z" },
      },
      spec: {
        containers: [
          { name: "sidecar", image: "proxy:1" },
          { name: "app", image: "web:1", args: ["--a"], ports: [{ containerPort: 80, protocol: "TCP" }] },
        ],
      },
    },
  },
  status: { replicas: 3 },
};

const containers = "/spec/template/spec/containers";

describe("who owns a field", () => {
  test.each([
    ["/spec/replicas", "injector", false],
    ["/metadata/labels/app", undefined, true],
    ["/metadata/finalizers/0", "injector", false],
    ["/spec/template/metadata/annotations/kubectl.kubernetes.io~1restartedAt", "kubectl-rollout", false],
    [`${containers}/0`, "injector", false],
    [`${containers}/0/image`, "injector", false],
    [`${containers}/1/image`, undefined, true],
    [`${containers}/1/ports/0`, undefined, true],
    [`${containers}/1/ports/0/containerPort`, undefined, true],
    [`${containers}/1/ports/0/protocol`, undefined, false],
    ["/spec/revisionHistoryLimit", undefined, false],
    ["/status/replicas", "kube-controller-manager", false],
    [containers, "injector", true],
  ] as const)("%s: another %s, mooring %s", (pointer, other, own) => {
    expect(otherManagers(live).of(pointer)).toBe(other);
    expect(mooringsOwn(live).of(pointer)).toBe(own ? "mooring" : undefined);
  });

  test("nobody where the API server keeps no record", () => {
    const bare = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, data: { a: "b" } };
    expect(otherManagers(bare).of("/data/a")).toBeUndefined();
    expect(mooringsOwn(bare).of("/data/a")).toBeUndefined();
  });
});
