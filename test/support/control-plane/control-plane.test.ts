import { readFile } from "node:fs/promises";
import type { V1Pod } from "@kubernetes/client-node";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually } from "../wait.ts";
import { type ControlPlane, startControlPlane } from "./control-plane.ts";
import { connectKube, type KubeClient } from "./kube-client.ts";

let plane: ControlPlane;
let kube: KubeClient;

beforeAll(async () => {
  plane = await startControlPlane({ nodes: 2, auditLog: true });
  kube = connectKube({ ...plane, token: plane.adminToken });
});

afterAll(async () => {
  await kube.close();
  await plane.stop();
});

const namespace = "/api/v1/namespaces/default";

test("a Deployment becomes available, on nodes that are ready, and goes away with its pods", async () => {
  const path = "/apis/apps/v1/namespaces/default/deployments";
  const labels = { app: "web" };
  await kube.request("POST", path, {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web" },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: "web", image: "nginx:1.27" }] } },
    },
  });
  const available = async (): Promise<boolean> => {
    const { status } = await kube.request<{ status: { availableReplicas?: number } }>("GET", `${path}/web`);
    return status.availableReplicas === 3;
  };
  await eventually(available, { what: "three available replicas" });
  const pods = async (): Promise<readonly V1Pod[]> =>
    (await kube.request<{ items: V1Pod[] }>("GET", `${namespace}/pods?labelSelector=app%3Dweb`)).items;
  const [pod, ...others] = await pods();
  expect(others).toHaveLength(2);
  expect(pod?.status).toMatchObject({
    phase: "Running",
    podIP: expect.stringMatching(/^10\.244\./),
    startTime: expect.any(String),
    containerStatuses: [{ ready: true, started: true, imageID: expect.stringMatching(/^nginx@sha256:[0-9a-f]{64}$/) }],
  });
  const conditions = pod?.status?.conditions?.map(({ type, status }) => `${type}=${status}`).toSorted();
  expect(conditions).toEqual(["ContainersReady=True", "Initialized=True", "PodScheduled=True", "Ready=True"]);
  await kube.request("DELETE", `${path}/web`);
  await eventually(async () => (await pods()).length === 0, { what: "the pods to be gone" });
});

test("a service account's kubeconfig may do what RBAC grants it and no more", async () => {
  await kube.request("POST", `${namespace}/serviceaccounts`, { metadata: { name: "reader" } });
  const config = JSON.parse(await readFile(await plane.kubeconfigFor("default", "reader"), "utf8")) as {
    users: [{ user: { token: string } }];
  };
  const reader = connectKube({ ...plane, token: config.users[0].user.token });
  try {
    await expect(reader.request("GET", `${namespace}/pods`)).rejects.toThrow(
      'User "system:serviceaccount:default:reader" cannot list resource "pods"',
    );
    await kube.request("POST", "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings", {
      metadata: { name: "reader" },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" },
      subjects: [{ kind: "ServiceAccount", name: "reader", namespace: "default" }],
    });
    const allowed = (): Promise<boolean> => reader.request("GET", `${namespace}/pods`).then(() => true);
    await eventually(allowed, { what: "the role to be granted" });
    await expect(reader.request("DELETE", `${namespace}/pods/none`)).rejects.toThrow("forbidden");
  } finally {
    await reader.close();
  }
});

test("the audit log has every write with its user and body, and no read", async () => {
  await kube.request("POST", `${namespace}/configmaps`, { metadata: { name: "audited" }, data: { key: "value" } });
  const lines = (await readFile(plane.auditLogPath ?? "", "utf8")).trimEnd().split("\n");
  const events = lines.map((line) => JSON.parse(line) as { verb: string; objectRef?: { name?: string } });
  expect(events.find(({ verb, objectRef }) => verb === "create" && objectRef?.name === "audited")).toMatchObject({
    user: { username: "admin" },
    requestObject: { data: { key: "value" } },
  });
  expect(events.filter(({ verb }) => ["get", "list", "watch"].includes(verb))).toEqual([]);
});

test("several control planes at once do not see each other", async () => {
  const others = await Promise.all([1, 2].map(() => startControlPlane({ schedulerAndControllers: false })));
  try {
    expect(new Set([plane, ...others].map(({ server }) => server)).size).toBe(3);
    for (const other of others) {
      const client = connectKube({ ...other, token: other.adminToken });
      await expect(client.request("GET", `${namespace}/configmaps/audited`)).rejects.toThrow("not found");
      await client.close();
    }
  } finally {
    await Promise.all(others.map((other) => other.stop()));
  }
});
