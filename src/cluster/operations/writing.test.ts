import { describe, expect, test } from "vitest";
import { fakeConnection, statusOf } from "../../../test/cluster/fake-connection.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Cluster, ResourceType } from "../cluster.ts";
import type { ApiResponse } from "../failures/api-status.ts";
import { clusterOver } from "./cluster-over.ts";
import type { Discovery } from "./discovery.ts";

const { signal } = new AbortController();
const types: readonly ResourceType[] = [
  { group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true, verbs: [] },
  { group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true, verbs: [] },
  { group: "apps", version: "v1", kind: "Deployment", plural: "deployments", namespaced: true, verbs: [] },
  { group: "", version: "v1", kind: "Namespace", plural: "namespaces", namespaced: false, verbs: [] },
  {
    ...{ group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition" },
    ...{ plural: "customresourcedefinitions", namespaced: false, verbs: [] },
  },
  { group: "coordination.k8s.io", version: "v1", kind: "Lease", plural: "leases", namespaced: true, verbs: [] },
];
const object = (kind: string, name: string, more: object = {}): KubeObject => ({
  apiVersion: { Deployment: "apps/v1", Lease: "coordination.k8s.io/v1" }[kind] ?? "v1",
  kind,
  metadata: { name, ...(kind === "Namespace" ? {} : { namespace: "shop" }) },
  ...more,
});
const web = object("Deployment", "web");
const webRef = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web" };
const strict = "fieldValidation=Strict";

/** A cluster whose server answers every request alike; `invalidated` are the groups that discovery is to ask for again. */
function clusterThatAnswers(answer: ApiResponse = { status: 200, body: web }) {
  const connection = fakeConnection(() => answer);
  const invalidated: string[] = [];
  const find = (apiVersion: string, kind: string) =>
    types.find(
      (type) => kind === type.kind && apiVersion === (type.group === "" ? "v1" : `${type.group}/${type.version}`),
    );
  const discovery: Discovery = {
    find: async (apiVersion, kind) => find(apiVersion, kind),
    cached: find,
    all: async () => types,
    invalidate: (group) => void invalidated.push(group),
  };
  return { connection, invalidated, cluster: clusterOver({ connection, discovery, defaultNamespace: "default" }) };
}

const deployments = "/apis/apps/v1/namespaces/shop/deployments";
const propagation = { propagation: "Background" } as const;

// From "Kubernetes API Concepts" and the API reference of 1.36.
const requests: readonly (readonly [string, (cluster: Cluster) => Promise<unknown>, string, boolean])[] = [
  [
    "an apply",
    (cluster) => cluster.apply(web, { dryRun: false, force: false }, signal),
    `PATCH ${deployments}/web?fieldManager=mooring&force=false&${strict}`,
    true,
  ],
  [
    "an apply with force, as another manager, that is only tried",
    (cluster) => cluster.apply(web, { dryRun: true, force: true, fieldManager: "other" }, signal),
    `PATCH ${deployments}/web?fieldManager=other&force=true&${strict}&dryRun=All`,
    true,
  ],
  [
    "an apply of an object without a namespace",
    (cluster) => cluster.apply(object("Namespace", "shop"), { dryRun: false, force: false }, signal),
    `PATCH /api/v1/namespaces/shop?fieldManager=mooring&force=false&${strict}`,
    true,
  ],
  [
    "a patch",
    (cluster) => cluster.patch(webRef, { type: "merge", body: {} }, {}, signal),
    `PATCH ${deployments}/web?fieldManager=mooring&${strict}`,
    false,
  ],
  [
    "a patch of a subresource",
    (cluster) => cluster.patch(webRef, { type: "json", body: [] }, { subresource: "scale", dryRun: true }, signal),
    `PATCH ${deployments}/web/scale?fieldManager=mooring&${strict}&dryRun=All`,
    false,
  ],
  ["a create", (cluster) => cluster.create(web, signal), `POST ${deployments}?fieldManager=mooring&${strict}`, false],
  [
    "an update of the status",
    (cluster) => cluster.update(web, { subresource: "status" }, signal),
    `PUT ${deployments}/web/status?fieldManager=mooring&${strict}`,
    false,
  ],
  ["a delete", (cluster) => cluster.delete(webRef, propagation, signal), `DELETE ${deployments}/web`, false],
  [
    "a delete of one uid",
    (cluster) => cluster.delete(webRef, { ...propagation, uid: "u" }, signal),
    `DELETE ${deployments}/web`,
    true,
  ],
  [
    "a name that is no path segment",
    (cluster) => cluster.delete({ ...webRef, name: "a/b?c" }, propagation, signal),
    `DELETE ${deployments}/a%2Fb%3Fc`,
    false,
  ],
  ["a read", (cluster) => cluster.get(webRef, signal), `GET ${deployments}/web`, true],
  [
    "the log of a container that crashed",
    (cluster) =>
      cluster.podLogs({ namespace: "shop", name: "web" }, { container: "app", previous: true, tailLines: 3 }, signal),
    "GET /api/v1/namespaces/shop/pods/web/log?container=app&previous=true&tailLines=3&limitBytes=65536",
    true,
  ],
];

describe("what is sent", () => {
  test.each(requests)("%s", async (_, send, sent, repeatable) => {
    const { connection, cluster } = clusterThatAnswers();
    await send(cluster);
    expect(connection.sent).toEqual([sent]);
    expect(connection.requests[0]?.repeatable).toBe(repeatable);
  });

  test.each([
    ["merge", "application/merge-patch+json"],
    ["strategic", "application/strategic-merge-patch+json"],
  ] as const)("a %s patch has its content type", async (type, contentType) => {
    const { connection, cluster } = clusterThatAnswers();
    await cluster.patch(webRef, { type, body: { spec: { replicas: 2 } } }, {}, signal);
    expect(connection.requests[0]).toMatchObject({ contentType, body: '{"spec":{"replicas":2}}' });
  });

  test("a Lease does not queue for a connection", async () => {
    const { connection, cluster } = clusterThatAnswers();
    await cluster.apply(object("Lease", "leader"), { dryRun: false, force: true }, signal);
    await cluster.apply(web, { dryRun: false, force: true }, signal);
    expect(connection.requests.map(({ urgent }) => urgent)).toEqual([true, false]);
  });

  test.each([
    ["no namespace", { ...webRef, namespace: "" }, "metadata.namespace"],
    ["no name", { ...webRef, name: "" }, "metadata.name"],
  ])("nothing for a reference with %s: its path would be that of a collection", async (_, ref, field) => {
    const { connection, cluster } = clusterThatAnswers();
    await expect(cluster.delete(ref, propagation, signal)).rejects.toMatchObject({
      code: "ObjectInvalid",
      problems: [{ field }],
    });
    expect(connection.sent).toEqual([]);
  });
});

describe("what comes of a delete", () => {
  const gone = { name: "web", kind: "deployments", group: "apps" };

  test.each<readonly [string, ApiResponse, string]>([
    ["a Status", { status: 200, body: { kind: "Status", status: "Success" } }, "deleted"],
    ["the object as it was", { status: 200, body: web }, "deleted"],
    [
      "the object on its way out",
      { status: 202, body: { ...web, metadata: { ...web.metadata, deletionTimestamp: "2026-01-01T00:00:00Z" } } },
      "terminating",
    ],
    ["nothing there", statusOf(404, "NotFound", { details: gone }), "absent"],
  ])("%s", async (_, answer, expected) => {
    const { cluster } = clusterThatAnswers(answer);
    expect(await cluster.delete(webRef, propagation, signal)).toBe(expected);
  });

  test("of a kind that is not served is nothing, without a request", async () => {
    const { connection, cluster } = clusterThatAnswers();
    expect(await cluster.delete({ ...webRef, kind: "Thing" }, propagation, signal)).toBe("absent");
    expect(connection.sent).toEqual([]);
  });

  test("of a kind that is gone by now has discovery ask again", async () => {
    const { invalidated, cluster } = clusterThatAnswers({ status: 404, body: "404 page not found" });
    expect(await cluster.delete(webRef, propagation, signal)).toBe("absent");
    expect(invalidated).toEqual(["apps"]);
  });

  test("of another uid is a conflict", async () => {
    const { cluster } = clusterThatAnswers(statusOf(409, "Conflict", { message: "the UID does not match" }));
    await expect(cluster.delete(webRef, { ...propagation, uid: "u" }, signal)).rejects.toMatchObject({
      code: "Conflict",
    });
  });
});

describe("a definition", () => {
  const definition: KubeObject = {
    ...{ apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition" },
    ...{ metadata: { name: "things.example.com" }, spec: { group: "example.com" } },
  };
  const answer = { status: 201, body: definition };

  test.each<readonly [string, (cluster: Cluster) => Promise<unknown>, readonly string[]]>([
    [
      "that is applied",
      (cluster) => cluster.apply(definition, { dryRun: false, force: true }, signal),
      ["example.com"],
    ],
    ["that is only tried", (cluster) => cluster.apply(definition, { dryRun: true, force: true }, signal), []],
    ["that is created", (cluster) => cluster.create(definition, signal), ["example.com"]],
    ["that is created for a try", (cluster) => cluster.create(definition, signal, { dryRun: true }), []],
  ])("%s", async (_, write, expected) => {
    const { invalidated, cluster } = clusterThatAnswers(answer);
    await write(cluster);
    expect(invalidated).toEqual(expected);
  });

  test("an apply says whether the server created it", async () => {
    const options = { dryRun: false, force: true };
    expect(await clusterThatAnswers(answer).cluster.apply(definition, options, signal)).toMatchObject({
      created: true,
    });
    const again = clusterThatAnswers({ ...answer, status: 200 });
    expect(await again.cluster.apply(definition, options, signal)).toMatchObject({ created: false });
  });
});

test("an answer that is not an object is no object", async () => {
  const { cluster } = clusterThatAnswers({ status: 200, body: { kind: "Deployment" } });
  await expect(cluster.get(webRef, signal)).rejects.toMatchObject({ code: "ClusterUnreachable" });
});

test("an object that is missing is undefined; a namespace or a kind that is missing is not", async () => {
  const details = { name: "web", kind: "deployments" };
  expect(await clusterThatAnswers(statusOf(404, "NotFound", { details })).cluster.get(webRef, signal)).toBeUndefined();
  const { cluster } = clusterThatAnswers({ status: 404, body: undefined });
  // Discovery still lists the kind: the server is changing its definition.
  await expect(cluster.get(webRef, signal)).rejects.toMatchObject({ code: "ClusterBusy" });
});
