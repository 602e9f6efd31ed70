import { afterAll, beforeAll, expect, test } from "vitest";
import { type ControlPlane, startControlPlane } from "../control-plane/control-plane.ts";
import { eventually } from "../wait.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "./fault-proxy.ts";

let plane: ControlPlane;

beforeAll(async () => {
  plane = await startControlPlane({ schedulerAndControllers: false });
});

afterAll(() => plane.stop());

const configMaps = "/api/v1/namespaces/default/configmaps";

function ask(base: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${plane.adminToken}`, "content-type": "application/json" };
  return fetch(`${base}${path}`, { ...init, headers });
}

function createConfigMap(base: string, name: string): Promise<Response> {
  const body = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data: { key: "value" } });
  return ask(base, configMaps, { method: "POST", body });
}

/** What the server itself says, past the faults. */
async function exists(proxy: FaultProxy, name: string): Promise<boolean> {
  proxy.inject();
  return (await ask(proxy.url, `${configMaps}/${name}`)).status === 200;
}

test("without faults, requests and watches pass with the caller's own credentials", async () => {
  await using proxy = await startFaultProxy(plane);
  expect((await createConfigMap(proxy.url, "plain")).status).toBe(201);
  expect((await fetch(`${proxy.url}${configMaps}`)).status).toBe(403);
  const watch = await ask(proxy.url, `${configMaps}?watch=true&fieldSelector=metadata.name=plain`);
  expect(await nextLine(watch)).toMatchObject({ type: "ADDED", object: { metadata: { name: "plain" } } });
  expect(proxy.requests.map(({ n, method, isWatch }) => [n, method, isWatch])).toEqual([
    [1, "POST", false],
    [2, "GET", false],
    [3, "GET", true],
  ]);
});

test.each<{ name: string; fault: Fault; done: boolean; seen: number | "broken" }>([
  { name: "reset", fault: { kind: "reset" }, done: false, seen: "broken" },
  { name: "lost-response", fault: { kind: "lost-response" }, done: true, seen: "broken" },
  { name: "truncated-response", fault: { kind: "truncated-response" }, done: true, seen: "broken" },
  { name: "conflict", fault: { kind: "status", status: 409 }, done: false, seen: 409 },
  { name: "busy", fault: { kind: "status", status: 429, retryAfter: 1 }, done: false, seen: 429 },
  { name: "error", fault: { kind: "status", status: 500 }, done: false, seen: 500 },
  { name: "unavailable", fault: { kind: "status", status: 503 }, done: false, seen: 503 },
  { name: "latency", fault: { kind: "latency", ms: 50 }, done: true, seen: 201 },
])("$name: the caller sees $seen, and the server has done it: $done", async ({ name, fault, done, seen }) => {
  await using proxy = await startFaultProxy(plane);
  proxy.inject(({ method }) => (method === "POST" ? fault : undefined));
  const outcome = await createConfigMap(proxy.url, `fault-${name}`)
    .then(
      async (response) => {
        await response.text();
        return response.status;
      },
      () => "broken" as const,
    )
    .catch(() => "broken" as const);
  expect(outcome).toBe(seen);
  expect(await exists(proxy, `fault-${name}`)).toBe(done);
});

test("429 carries Retry-After and a Status", async () => {
  await using proxy = await startFaultProxy(plane);
  proxy.inject(() => ({ kind: "status", status: 429, retryAfter: 7 }));
  const response = await ask(proxy.url, configMaps);
  expect(response.headers.get("retry-after")).toBe("7");
  expect(await response.json()).toMatchObject({ kind: "Status", code: 429, reason: "TooManyRequests" });
});

test("a watch expires at its start or while it is open", async () => {
  await using proxy = await startFaultProxy(plane);
  proxy.inject(({ isWatch }) => (isWatch ? { kind: "gone" } : undefined));
  const gone = { type: "ERROR", object: { code: 410, reason: "Expired" } };
  expect(await nextLine(await ask(proxy.url, `${configMaps}?watch=1`))).toMatchObject(gone);
  proxy.inject();
  const open = await ask(proxy.url, `${configMaps}?watch=1&resourceVersion=0&fieldSelector=metadata.name=none`);
  proxy.expireWatches();
  expect(await nextLine(open)).toMatchObject(gone);
});

test("a frozen world answers nobody, breaks nothing, and goes on where it stood", async () => {
  await using proxy = await startFaultProxy(plane);
  const watch = await ask(proxy.url, `${configMaps}?watch=1&fieldSelector=metadata.name=during`);
  let answered = false;
  proxy.freeze();
  const waiting = ask(proxy.url, configMaps).then(() => {
    answered = true;
  });
  const direct = await startFaultProxy(plane);
  await createConfigMap(direct.url, "during");
  await direct.stop();
  await eventually(() => proxy.requests.length === 2, { what: "the request to come in" });
  expect(answered).toBe(false);
  proxy.thaw();
  await waiting;
  expect(await nextLine(watch)).toMatchObject({ type: "ADDED", object: { metadata: { name: "during" } } });
});

test("dropped connections end open watches", async () => {
  await using proxy = await startFaultProxy(plane);
  const watch = await ask(proxy.url, `${configMaps}?watch=1&resourceVersion=0&fieldSelector=metadata.name=none`);
  proxy.dropConnections();
  await expect(watch.text()).rejects.toThrow();
});

test("the listener is told of every request in order", async () => {
  await using proxy = await startFaultProxy(plane);
  const told: string[] = [];
  proxy.onRequest((n, method, path) => told.push(`${n} ${method} ${path}`));
  await createConfigMap(proxy.url, "told");
  await ask(proxy.url, `${configMaps}/told?pretty=true`);
  expect(told).toEqual([`1 POST ${configMaps}`, `2 GET ${configMaps}/told`]);
});

async function nextLine(response: Response): Promise<unknown> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    const end = text.indexOf("\n");
    if (end >= 0) return JSON.parse(text.slice(0, end));
  }
  return undefined;
}
