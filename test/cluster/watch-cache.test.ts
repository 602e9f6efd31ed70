import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import {
  type Change,
  type Cluster,
  connect,
  type ResourceType,
  refOf,
  type WatchQuery,
} from "../../src/cluster/index.ts";
import { createWatchCache, type WatchCache } from "../../src/cluster/watch/cache.ts";
import { inParallel } from "../../src/model/async/in-parallel.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { type FaultProxy, startFaultProxy } from "../support/faults/fault-proxy.ts";
import { eventually } from "../support/wait.ts";
import { configMap, thingDefinition } from "./objects.ts";

let plane: ControlPlane;
/** Past the proxy: what someone else does. */
let direct: Cluster;
let proxy: FaultProxy;
/** Through the proxy: what the cache is over. */
let cluster: Cluster;
let configMaps: ResourceType;
let open: WatchCache[] = [];
const { signal } = new AbortController();
const force = { dryRun: false, force: true };
const pace = {
  serverTimeoutSeconds: 300,
  silenceMs: 60_000,
  stableMs: 10_000,
  shortestPauseMs: 20,
  longestPauseMs: 500,
  renewAfterMs: 0,
};

beforeAll(async () => {
  plane = await startControlPlane({ schedulerAndControllers: false });
  direct = await connect({ from: "files", paths: [plane.kubeconfig] });
});

afterAll(async () => {
  await direct?.close();
  await plane?.stop();
});

beforeEach(async () => {
  proxy = await startFaultProxy(plane);
  cluster = await connect({ from: "files", paths: [await proxy.kubeconfigFor(plane.adminToken)] });
  const type = await cluster.resource("v1", "ConfigMap", signal);
  if (type === undefined) throw new Error("no ConfigMaps");
  configMaps = type;
});

afterEach(async () => {
  await Promise.all(open.map((cache) => cache.close()));
  open = [];
  await cluster.close();
  await proxy.stop();
});

/** A cache of the ConfigMaps of this test, and what it told. */
async function follow(app: string, options: Partial<WatchQuery> = {}, paceOf = pace) {
  const what = { resource: configMaps, labelSelector: `app=${app}`, metadataOnly: false, ...options };
  const cache = createWatchCache(cluster, what, paceOf);
  open.push(cache);
  const changes: Change[] = [];
  cache.onChange((change) => changes.push(change));
  await cache.ready(signal);
  const told = () => changes.map(({ type, object }) => `${type} ${object.metadata.name}`);
  return { cache, told };
}

function labelled(app: string, name: string, value = "first") {
  const object = configMap(name, { value });
  return { ...object, metadata: { ...object.metadata, labels: { app } } };
}

const write = (app: string, name: string, value?: string) => direct.apply(labelled(app, name, value), force, signal);
const remove = (name: string) => direct.delete(refOf(configMap(name)), { propagation: "Background" }, signal);
const counted = (kind: "list" | "watch") =>
  proxy.requests
    // A list of one object asks where the API server is, not what there is.
    .filter(
      ({ path, query }) => path.endsWith("/configmaps") && query.get("limit") !== "1" && !query.has("fieldSelector"),
    )
    .filter(({ isWatch }) => isWatch === (kind === "watch"));

test("starts with what is there, and tells what is added, modified and deleted", async () => {
  await write("plain", "plain-a");
  const { cache, told } = await follow("plain");
  expect(cache.all().map((object) => object.metadata.name)).toEqual(["plain-a"]);
  await write("plain", "plain-b");
  await write("plain", "plain-a", "second");
  await remove("plain-b");
  await eventually(() => told().length === 4, { what: "four changes" });
  expect(told()).toEqual(["added plain-a", "added plain-b", "modified plain-a", "deleted plain-b"]);
  expect(cache.get({ namespace: "default", name: "plain-a" })).toMatchObject({ data: { value: "second" } });
  expect(cache.get({ namespace: "default", name: "plain-b" })).toBeUndefined();
  expect(cache.get({ namespace: "default", name: "plain-a" })?.metadata).not.toHaveProperty("managedFields");
});

test("metadata only: names and labels, nothing else", async () => {
  await write("bare", "bare-a");
  const { cache } = await follow("bare", { metadataOnly: true });
  await write("bare", "bare-b");
  const [a, b] = await eventually(() => cache.all().length === 2 && cache.all(), { what: "both" });
  for (const object of [a, b]) {
    expect(object).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", metadata: { labels: { app: "bare" } } });
    expect(object).not.toHaveProperty("data");
  }
});

test("what no longer matches the selector is gone", async () => {
  await write("leaves", "leaver");
  const { cache, told } = await follow("leaves");
  await write("elsewhere", "leaver");
  await eventually(() => cache.all().length === 0, { what: "the object to leave" });
  expect(told()).toEqual(["added leaver", "deleted leaver"]);
});

test("a broken connection is resumed where it ended: no list, nothing lost", async () => {
  const { told } = await follow("broken");
  await write("broken", "broken-a");
  await write("broken", "broken-last");
  await eventually(() => told().length === 2, { what: "the first changes" });
  proxy.inject(({ isWatch }) => (isWatch ? { kind: "reset" } : undefined));
  proxy.dropConnections();
  await write("broken", "broken-b");
  await remove("broken-a");
  proxy.inject();
  await eventually(() => told().length === 4, { what: "what happened meanwhile" });
  expect(told()).toEqual(["added broken-a", "added broken-last", "added broken-b", "deleted broken-a"]);
  expect(counted("list")).toHaveLength(1);
});

test("where what was seen last is gone after that, as after a restore, one list tells", async () => {
  const { cache, told } = await follow("vanished");
  let rewound = 0;
  cache.onRewind(() => {
    rewound += 1;
  });
  await write("vanished", "vanished-last");
  await eventually(() => told().length === 1, { what: "the first change" });
  proxy.inject(({ isWatch }) => (isWatch ? { kind: "reset" } : undefined));
  proxy.dropConnections();
  await remove("vanished-last");
  proxy.inject();
  await eventually(() => counted("list").length === 2, { what: "the list" });
  await write("vanished", "vanished-next");
  await eventually(() => told().length === 3, { what: "the change after it" });
  expect(told()).toEqual(["added vanished-last", "deleted vanished-last", "added vanished-next"]);
  expect(counted("list")).toHaveLength(2);
  expect(rewound).toBe(0);
});

test("a watch that the server ends is followed by the next, without a list", async () => {
  const { cache, told } = await follow("short", {}, { ...pace, serverTimeoutSeconds: 1 });
  await eventually(() => counted("watch").length >= 3, { what: "two more watches" });
  await write("short", "short-a");
  await eventually(() => told().length === 1, { what: "the change" });
  expect(counted("list")).toHaveLength(1);
  expect(cache.failure()).toBeUndefined();
});

test("an expired version costs one list, which makes good what was missed", async () => {
  for (const name of ["gone-kept", "gone-changed", "gone-deleted", "gone-recreated"]) await write("gone", name);
  const { told } = await follow("gone");
  proxy.inject(({ isWatch }) => (isWatch ? { kind: "reset" } : undefined));
  proxy.dropConnections();
  await write("gone", "gone-changed", "second");
  await write("gone", "gone-new");
  await remove("gone-deleted");
  await remove("gone-recreated");
  await write("gone", "gone-recreated");
  let expired = false;
  proxy.inject(({ isWatch }) => {
    if (!isWatch || expired) return undefined;
    expired = true;
    return { kind: "gone" };
  });
  await eventually(() => told().length >= 9, { what: "the changes from the list" });
  expect(told().slice(4)).toEqual([
    "deleted gone-deleted",
    "modified gone-changed",
    "added gone-new",
    "deleted gone-recreated",
    "added gone-recreated",
  ]);
  expect(counted("list")).toHaveLength(2);
  await write("gone", "gone-after");
  await eventually(() => told().includes("added gone-after"), { what: "the watch to go on" });
  expect(counted("list")).toHaveLength(2);
});

test("a watch expired under way goes on from a list", async () => {
  const { told } = await follow("midway");
  await eventually(() => counted("watch").length === 1, { what: "the watch" });
  await write("midway", "midway-a");
  await eventually(() => told().length === 1, { what: "the change" });
  proxy.expireWatches();
  await write("midway", "midway-b");
  await eventually(() => told().length === 2, { what: "the change after" });
  expect(counted("list")).toHaveLength(2);
});

test("a connection that only looks open is noticed by its silence", async () => {
  const { told } = await follow("silent", {}, { ...pace, silenceMs: 1_000 });
  await eventually(() => counted("watch").length === 1, { what: "the watch" });
  proxy.freeze();
  await write("silent", "silent-a");
  await eventually(() => counted("watch").length >= 2, { what: "another watch" });
  proxy.thaw();
  await eventually(() => told().length === 1, { what: "the change" });
  expect(told()).toEqual(["added silent-a"]);
});

test("a watch that is open and deaf is made anew when it is told so, and costs one list", async () => {
  await write("deaf", "deaf-before");
  const { cache, told } = await follow("deaf");
  await write("deaf", "deaf-open");
  await eventually(() => told().includes("added deaf-open"), { what: "the watch to show something" });
  proxy.deafen((path) => path.includes("configmaps"));
  await write("deaf", "deaf-after");
  cache.renew();
  await eventually(() => told().includes("added deaf-after"), { what: "what was missed" });
  expect(cache.failure()).toBeUndefined();
  expect(counted("list")).toHaveLength(2);
  await write("deaf", "deaf-later");
  await eventually(() => told().includes("added deaf-later"), { what: "what the new watch shows" });
});

test("a cache is not renewed right after a list", async () => {
  const { cache, told } = await follow("fresh", {}, { ...pace, renewAfterMs: 3_600_000 });
  await write("fresh", "fresh-open");
  await eventually(() => told().includes("added fresh-open"), { what: "the watch to show something" });
  cache.renew();
  await write("fresh", "fresh-after");
  await eventually(() => told().includes("added fresh-after"), { what: "what the watch shows" });
  expect(counted("list")).toHaveLength(1);
});

test("a server that refuses every watch is asked ever more rarely", async () => {
  const times: number[] = [];
  proxy.inject(({ isWatch }) => {
    if (isWatch) times.push(performance.now());
    return isWatch ? { kind: "gone" } : undefined;
  });
  const { cache, told } = await follow("storm", {}, { ...pace, longestPauseMs: 60_000 });
  await write("storm", "storm-a");
  await eventually(() => times.length >= 6, { what: "six watches" });
  proxy.inject();
  const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
  const shortest = [10, 20, 40, 80, 160];
  expect(pauses.slice(0, 5).filter((pause, index) => pause < (shortest[index] ?? 0))).toEqual([]);
  await eventually(() => told().includes("added storm-a"), { what: "the change" });
  expect(cache.failure()).toBeUndefined();
});

test("an API server that is away is waited for, and told", async () => {
  proxy.inject(({ path }) => (path.endsWith("/configmaps") ? { kind: "reset" } : undefined));
  await write("away", "away-a");
  const cache = createWatchCache(
    cluster,
    { resource: configMaps, labelSelector: "app=away", metadataOnly: true },
    pace,
  );
  open.push(cache);
  await eventually(() => cache.failure()?.code === "ClusterUnreachable", { what: "the failure to be told" });
  proxy.inject();
  await cache.ready(signal);
  expect(cache.failure()).toBeUndefined();
  expect(cache.all()).toHaveLength(1);
});

test("a cache that pauses goes on as soon as any other request finds the API server back", async () => {
  const longPauses = { ...pace, shortestPauseMs: 3_600_000, longestPauseMs: 3_600_000 };
  const { cache, told } = await follow("back", {}, longPauses);
  await eventually(() => counted("watch").length === 1, { what: "the watch" });
  proxy.inject(() => ({ kind: "reset" }));
  proxy.dropConnections();
  await eventually(() => cache.failure()?.code === "ClusterUnreachable", { what: "the failure to be told" });
  await write("back", "back-a");
  proxy.inject();
  expect(told()).toEqual([]);
  await cluster.get({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "back-a" }, signal);
  await eventually(() => told().length === 1, { what: "what happened meanwhile" });
  expect(cache.failure()).toBeUndefined();
});

test("a list that is forbidden ends the cache at once", async () => {
  const stranger = cluster.impersonate({ user: "stranger" });
  const cache = createWatchCache(stranger, { resource: configMaps, metadataOnly: true }, pace);
  await expect(cache.ready(signal)).rejects.toMatchObject({ code: "Forbidden" });
});

test("when a kind goes, its objects are gone; when it comes back, so do they", async () => {
  const definition = thingDefinition("watched.example");
  const thing = {
    apiVersion: "watched.example/v1",
    kind: "Thing",
    metadata: { name: "one", namespace: "default" },
    spec: { size: "big" },
  };
  const apply = () => direct.apply(thing, force, signal);
  await direct.apply(definition, force, signal);
  await eventually(apply, { what: "the kind" });
  const resource = await cluster.resource(thing.apiVersion, thing.kind, signal);
  if (resource === undefined) throw new Error("no Things");
  const { cache, told } = await follow("", { resource, labelSelector: "" });
  expect(told()).toEqual(["added one"]);
  await direct.delete(refOf(definition), { propagation: "Background" }, signal);
  await eventually(() => cache.failure()?.code === "KindUnknown", { what: "the kind to go" });
  expect(told()).toEqual(["added one", "deleted one"]);
  await eventually(() => direct.apply(definition, force, signal), { what: "the definition to come back" });
  await eventually(apply, { what: "the kind to come back" });
  await eventually(() => cache.all().length === 1, { what: "the object" });
  expect(cache.failure()).toBeUndefined();
});

test("closed before it was ready, it says so", async () => {
  proxy.inject(() => ({ kind: "latency", ms: 200 }));
  const cache = createWatchCache(cluster, { resource: configMaps, metadataOnly: true }, pace);
  await cache.close();
  await expect(cache.ready(signal)).rejects.toMatchObject({ code: "Interrupted" });
});

test("3,000 objects changed while connections break again and again: the cache ends up equal to the cluster", async () => {
  const { cache } = await follow("many");
  let count = 0;
  proxy.inject(({ isWatch }) => {
    if (!isWatch) return undefined;
    count++;
    return count % 4 === 0 ? { kind: "gone" } : count % 4 === 2 ? { kind: "reset" } : undefined;
  });
  const numbers = Array.from({ length: 3_000 }, (_, index) => index);
  await inParallel(
    numbers,
    16,
    async (number) => {
      if (number % 100 === 0) proxy.dropConnections();
      const name = `many-${number % 700}`;
      await (number % 5 === 4 ? remove(name) : write("many", name, String(number)));
    },
    signal,
  );
  proxy.inject();
  const { items } = await direct.list(configMaps, { labelSelector: "app=many" }, signal);
  const versions = (objects: typeof items) =>
    objects.map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`).sort();
  await eventually(() => versions(cache.all()).join() === versions(items).join(), {
    what: "the cache to be up to date",
  });
});
