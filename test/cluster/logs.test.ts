import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Cluster, connect } from "../../src/cluster/index.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { certificate } from "./certificate.ts";

let plane: ControlPlane;
let cluster: Cluster;
const { signal } = new AbortController();
const force = { dryRun: false, force: true };
const asked: string[] = [];

/** The part of a kubelet that gives logs. */
const kubelet = createServer(certificate(), (request, response) => {
  asked.push(request.url ?? "");
  response.writeHead(200, { "content-type": "text/plain" }).end('{"level":"error"}\npanic: nö\n');
});

beforeAll(async () => {
  plane = await startControlPlane({ schedulerAndControllers: false });
  cluster = await connect({ from: "files", paths: [plane.kubeconfig] });
  await once(kubelet.listen(0, "127.0.0.1"), "listening");
  const { port } = kubelet.address() as AddressInfo;
  const metadata = { name: "talkative", namespace: "default" };
  const spec = {
    nodeName: "talkative",
    serviceAccountName: "default",
    containers: [{ name: "app", image: "registry.example/app:1" }],
  };
  await cluster.apply({ apiVersion: "v1", kind: "Node", metadata: { name: "talkative" } }, force, signal);
  const status = {
    addresses: [{ type: "InternalIP", address: "127.0.0.1" }],
    daemonEndpoints: { kubeletEndpoint: { Port: port } },
  };
  const node = { apiVersion: "v1", kind: "Node", name: "talkative" };
  await cluster.patch(node, { type: "merge", body: { status } }, { subresource: "status" }, signal);
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "default", namespace: "default" } };
  await cluster.apply(account, force, signal);
  await cluster.apply({ apiVersion: "v1", kind: "Pod", metadata, spec }, force, signal);
});

afterAll(async () => {
  kubelet.close();
  await cluster?.close();
  await plane?.stop();
});

test("reads the last lines of the run before", async () => {
  const pod = { namespace: "default", name: "talkative" };
  const log = await cluster.podLogs(pod, { container: "app", previous: true, tailLines: 5 }, signal);
  expect(log).toBe('{"level":"error"}\npanic: nö\n');
  expect(asked).toEqual(["/containerLogs/default/talkative/app?limitBytes=65536&previous=true&tailLines=5"]);
});

test("of a pod that is not there, and of a container that it does not have", async () => {
  const missing = cluster.podLogs({ namespace: "default", name: "none" }, { tailLines: 5 }, signal);
  await expect(missing).rejects.toMatchObject({ code: "NotFound" });
  const pod = { namespace: "default", name: "talkative" };
  const other = cluster.podLogs(pod, { container: "other", tailLines: 5 }, signal);
  await expect(other).rejects.toMatchObject({ code: "ObjectInvalid" });
});
