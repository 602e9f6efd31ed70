import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Cluster, connect, refOf } from "../../src/cluster/index.ts";
import { Failure } from "../../src/model/failure.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../support/faults/fault-proxy.ts";
import { configMap } from "./objects.ts";

let plane: ControlPlane;
let proxy: FaultProxy;
let cluster: Cluster;
const { signal } = new AbortController();
const force = { dryRun: false, force: true };

beforeAll(async () => {
  plane = await startControlPlane({ schedulerAndControllers: false });
});

afterAll(() => plane?.stop());

beforeEach(async () => {
  proxy = await startFaultProxy(plane);
  cluster = await connect({ from: "files", paths: [await proxy.kubeconfigFor(plane.adminToken)] });
  await cluster.resource("v1", "ConfigMap", signal);
});

afterEach(async () => {
  await cluster.close();
  await proxy.stop();
});

/** Lets the fault happen to the first `times` requests about an object, and tells how many there were in the end. */
function injectFirst(name: string, fault: Fault, times: number): () => number {
  let count = 0;
  proxy.inject(({ path, method }) => {
    if (!path.endsWith(name) && !(method === "POST" && path.endsWith("/configmaps"))) return undefined;
    count++;
    return count <= times ? fault : undefined;
  });
  return () => count;
}

const faults: readonly (readonly [name: string, fault: Fault])[] = [
  ["reset", { kind: "reset" }],
  ["lost-response", { kind: "lost-response" }],
  ["truncated-response", { kind: "truncated-response" }],
  ["busy", { kind: "status", status: 429 }],
  ["error", { kind: "status", status: 500 }],
  ["unavailable", { kind: "status", status: 503 }],
];

describe.each(faults)("%s, twice", (name, fault) => {
  test("an apply comes through", async () => {
    const count = injectFirst(`apply-${name}`, fault, 2);
    const { object } = await cluster.apply(configMap(`apply-${name}`), force, signal);
    expect(object.metadata.name).toBe(`apply-${name}`);
    expect(count()).toBe(3);
  });

  test("a read comes through", async () => {
    const { object } = await cluster.apply(configMap(`get-${name}`), force, signal);
    const count = injectFirst(`get-${name}`, fault, 2);
    expect(await cluster.get(refOf(object), signal)).toMatchObject({ data: { key: "value" } });
    expect(count()).toBe(3);
  });

  test("a delete of one object comes through, and is not sent to another", async () => {
    const { object } = await cluster.apply(configMap(`delete-${name}`), force, signal);
    const count = injectFirst(`delete-${name}`, fault, 2);
    const options = { uid: object.metadata.uid ?? "", propagation: "Background" } as const;
    // Where only the answer was lost, the object is already gone when the request comes again.
    const lost = fault.kind === "lost-response" || fault.kind === "truncated-response";
    expect(await cluster.delete(refOf(object), options, signal)).toBe(lost ? "absent" : "deleted");
    expect(count()).toBe(3);
  });
});

describe("what may not be sent twice", () => {
  test.each<{ fault: Fault; code: string }>([
    { fault: { kind: "reset" }, code: "ClusterUnreachable" },
    { fault: { kind: "lost-response" }, code: "ClusterUnreachable" },
    { fault: { kind: "truncated-response" }, code: "ClusterUnreachable" },
    { fault: { kind: "status", status: 500 }, code: "ClusterBusy" },
    { fault: { kind: "status", status: 503 }, code: "ClusterUnreachable" },
  ])("$fault.kind $fault.status: a create is sent once and fails as $code", async ({ fault, code }) => {
    const count = injectFirst("none", fault, 1);
    await expect(cluster.create(configMap(`once-${code}`), signal)).rejects.toMatchObject({ code });
    expect(count()).toBe(1);
  });

  test("a create that was turned away with 429 is sent again", async () => {
    const count = injectFirst("none", { kind: "status", status: 429 }, 2);
    expect(await cluster.create(configMap("turned-away"), signal)).toMatchObject({ kind: "ConfigMap" });
    expect(count()).toBe(3);
  });
});

test("Retry-After is honoured", async () => {
  await cluster.apply(configMap("later"), force, signal);
  const times: number[] = [];
  proxy.inject(() => {
    times.push(performance.now());
    return times.length === 1 ? { kind: "status", status: 429, retryAfter: 1 } : undefined;
  });
  await cluster.get(refOf(configMap("later")), signal);
  expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(990);
});

test("a fault that stays is told after five tries", async () => {
  await cluster.apply(configMap("stays"), force, signal);
  const count = injectFirst("stays", { kind: "status", status: 503 }, Number.POSITIVE_INFINITY);
  const refused = cluster.get(refOf(configMap("stays")), signal);
  await expect(refused).rejects.toMatchObject({ code: "ClusterUnreachable" });
  expect(count()).toBe(5);
});

describe("an abort", () => {
  test.each<{ what: string; abort: () => AbortSignal; code: string }>([
    { what: "by nobody in particular", abort: aborted(), code: "Interrupted" },
    { what: "by a failure", abort: aborted(new Failure("HealthTimeout", { message: "over" })), code: "HealthTimeout" },
    { what: "by a deadline", abort: () => AbortSignal.timeout(100), code: "ClusterUnreachable" },
  ])("$what ends a request that hangs, as $code", async ({ abort, code }) => {
    proxy.freeze();
    await expect(cluster.apply(configMap("hangs"), force, abort())).rejects.toMatchObject({ code });
  });

  test("ends a pause between two tries", async () => {
    const giveUp = new AbortController();
    proxy.inject(() => {
      setImmediate(() => giveUp.abort());
      return { kind: "status", status: 429, retryAfter: 30 };
    });
    const paused = cluster.get(refOf(configMap("paused")), giveUp.signal);
    await expect(paused).rejects.toMatchObject({ code: "Interrupted" });
  });
});

function aborted(reason?: unknown): () => AbortSignal {
  return () => {
    const controller = new AbortController();
    proxy.onRequest(() => setImmediate(() => controller.abort(reason)));
    return controller.signal;
  };
}

test("a Lease does not wait behind other requests for a connection", async () => {
  const lease = {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { name: "hurried", namespace: "default" },
    spec: { holderIdentity: "me" },
  };
  let held = 0;
  proxy.inject(({ path }) => {
    if (path.endsWith("/leases")) return undefined;
    held++;
    return { kind: "latency", ms: 300 };
  });
  const applies = Array.from({ length: 64 }, (_, index) => cluster.apply(configMap(`queued-${index}`), force, signal));
  const first = await Promise.race([cluster.create(lease, signal), ...applies]);
  expect(JSON.stringify(first)).toContain('"kind":"Lease"');
  expect(held).toBeLessThanOrEqual(16);
  await Promise.all(applies);
});

test("nothing listens there: the address is named, the token is not", async () => {
  const config = {
    clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1" } }],
    users: [{ name: "u", user: { token: "very-secret" } }],
    contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
    "current-context": "c",
  };
  const nowhere = await connect({ from: "text", text: JSON.stringify(config) });
  const thrown = await nowhere.get(refOf(configMap("x")), signal).catch((reason: unknown) => reason);
  await nowhere.close();
  expect(thrown).toMatchObject({
    code: "ClusterUnreachable",
    message: "cannot reach the API server https://127.0.0.1:1: nothing listens there (ECONNREFUSED)",
  });
});
