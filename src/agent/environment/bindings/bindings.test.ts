import { afterEach, expect, test, vi } from "vitest";
import { readEnvironment } from "../../../api/environment/environment.ts";
import { apiVersion } from "../../../api/names.ts";
import type { Cluster } from "../../../cluster/index.ts";
import type { KubeObject } from "../../../model/manifest.ts";
import { noOwnershipPeers } from "../../../rollout/index.ts";
import { createSourcePool, ownMachine, type SourcePool } from "../../../source/index.ts";
import { createBindings } from "./bindings.ts";
import { createConnections } from "./connections.ts";
import { createSources } from "./sources.ts";

const { signal } = new AbortController();
const network = ownMachine;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** The ties of an Environment with a kubeconfig and credentials for Git, and its Secrets, which somebody may change. */
function scene(pool: SourcePool = createSourcePool({ userAgent: "mooring/test", network })) {
  const secrets = new Map<string, KubeObject>();
  const put = (name: string, version: string, data: Readonly<Record<string, string>>) => {
    const encoded = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
    const metadata = { name, namespace: "team", resourceVersion: version };
    secrets.set(name, { apiVersion: "v1", kind: "Secret", metadata, data: Object.fromEntries(encoded) });
  };
  const change = (version: string) => {
    const user = { name: "u", user: { token: `token-${version}` } };
    const cluster = { name: "c", cluster: { server: "http://127.0.0.1:9" } };
    const context = { name: "x", context: { user: "u", cluster: "c" } };
    const kubeconfig = { clusters: [cluster], users: [user], contexts: [context], "current-context": "x" };
    put("kubeconfig", version, { value: JSON.stringify(kubeconfig) });
    put("git", version, { username: "u", password: `password-${version}` });
  };
  change("1");
  const own = { get: async ({ name }: { readonly name: string }) => secrets.get(name) } as Partial<Cluster> as Cluster;
  const connections = createConnections(own, { defaultServiceAccount: undefined, network }, (remote) => remote);
  const sources = createSources(pool, { userAgent: "mooring/test", remoteBases: true, network });
  const listeners = { onSource: () => undefined, onObject: () => undefined, onRewind: () => undefined };
  const ties = createBindings({ cluster: own, connections, sources }, listeners, noOwnershipPeers);
  closers.push(async () => {
    ties.close();
    await connections.close();
    await sources.close();
  });
  const environment = readEnvironment({
    apiVersion,
    kind: "Environment",
    metadata: { name: "shop", namespace: "team", generation: 1 },
    spec: {
      source: { url: "https://127.0.0.1:9/shop.git", secretRef: { name: "git" } },
      path: "./app",
      kubeConfig: { secretRef: { name: "kubeconfig" } },
    },
  });
  return { ties, environment, change, connections, sources };
}

test("a question leaves to a pass under way the connection that it began with, whatever became of the Secret", async () => {
  const { ties, environment, change, connections } = scene();
  const target = await ties.target(environment, signal);
  change("2");
  {
    using lent = await ties.lendConnection(environment, signal);
    // It is answered by what the Secret says now.
    expect(lent.value.cluster).not.toBe(target.cluster);
    expect(connections.counts().connections).toBe(2);
  }
  expect(connections.counts().connections).toBe(1);
  expect(target.view.closed.aborted).toBe(false);
  expect(ties.current).toBe(target);
  // The next pass moves on.
  const next = await ties.target(environment, signal);
  expect(target.view.closed.aborted).toBe(true);
  expect(next.view.closed.aborted).toBe(false);
  expect(connections.counts().connections).toBe(1);
});

test("a question before the first pass is answered as well, and leaves nothing behind", async () => {
  const { ties, environment, connections, sources } = scene();
  {
    using connection = await ties.lendConnection(environment, signal);
    using source = await ties.lendSource(environment, signal);
    expect(connection.value.cluster.server).toBe("http://127.0.0.1:9");
    expect(source.value.known).toBeUndefined();
    expect([connections.counts().connections, sources.counts().polls]).toEqual([1, 1]);
  }
  expect([connections.counts().connections, sources.counts().polls]).toEqual([0, 0]);
  expect([ties.current, ties.currentSource]).toEqual([undefined, undefined]);
});

test("a question leaves to a pass under way the source that it reads, whatever became of the credentials", async () => {
  const { ties, environment, change, sources } = scene();
  const source = await ties.source(environment, signal);
  {
    using same = await ties.lendSource(environment, signal);
    expect(same.value).toBe(source);
  }
  change("2");
  {
    using lent = await ties.lendSource(environment, signal);
    expect(lent.value).not.toBe(source);
    expect(sources.counts().polls).toBe(2);
  }
  expect(ties.currentSource).toBe(source);
  expect(sources.counts().polls).toBe(1);
});

/** A pool that has one revision, and how often it was asked for it. */
function answering() {
  let asked = 0;
  const pool: SourcePool = {
    fetch: async () => {
      asked += 1;
      return { tree: new Map(), revision: { ref: "main", algorithm: "sha1", commit: "a".repeat(40) } } as never;
    },
    fetchElsewhere: () => Promise.reject(new Error("nothing is elsewhere")),
    hold: () => () => undefined,
    size: 1,
    close: async () => undefined,
  };
  return { pool, asked: () => asked };
}

test("an interval that was shortened counts at once, and so does one that was made longer again", async () => {
  vi.useFakeTimers();
  const { pool, asked } = answering();
  try {
    const { ties, environment } = scene(pool);
    const asking = (interval: string) =>
      ties.source({ ...environment, spec: { ...environment.spec, interval } }, signal);
    const hourly = await asking("1h");
    await hourly.latest(signal);
    await asking("1m");
    await vi.advanceTimersByTimeAsync(10 * 60_000);
    expect(asked()).toBeGreaterThanOrEqual(9);
    await asking("1h");
    await vi.advanceTimersByTimeAsync(2 * 60_000);
    const before = asked();
    await vi.advanceTimersByTimeAsync(30 * 60_000);
    expect(asked()).toBe(before);
  } finally {
    vi.useRealTimers();
  }
});

test("an interval of nothing is one all the same", async () => {
  vi.useFakeTimers();
  const { pool, asked } = answering();
  try {
    const { ties, environment } = scene(pool);
    await ties.source({ ...environment, spec: { ...environment.spec, interval: "0s" } }, signal);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked()).toBeGreaterThan(10);
    expect(asked()).toBeLessThan(150);
  } finally {
    vi.useRealTimers();
  }
});
