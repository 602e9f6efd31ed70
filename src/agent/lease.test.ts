import pino from "pino";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import { fenced } from "./fence.ts";
import { type Leadership, lead, standardTiming } from "./lease.ts";

const log = pino({ level: "silent" });
const { signal } = new AbortController();
const hour = 3_600_000;

/** The one Lease of an API server, which may be away for some. */
class Server {
  away = false;
  lease: KubeObject | undefined;
  #version = 1;

  get cluster(): Cluster {
    const reached = () => {
      if (this.away) throw new Failure("ClusterUnreachable", { message: "away" });
    };
    const put = (object: KubeObject): KubeObject => {
      this.#version += 1;
      this.lease = { ...object, metadata: { ...object.metadata, resourceVersion: `v${this.#version}` } };
      return this.lease;
    };
    return {
      get: async () => {
        reached();
        return this.lease;
      },
      create: async (object: KubeObject) => {
        reached();
        return put(object);
      },
      update: async (object: KubeObject) => {
        reached();
        if (object.metadata.resourceVersion !== this.lease?.metadata.resourceVersion)
          throw new Failure("Conflict", { message: "moved" });
        return put(object);
      },
    } as unknown as Cluster;
  }
}

let server: Server;
/** What only goes forward. */
let clock: () => number;
/** How long the process was stopped. */
let stoppedMs: number;
const candidate = (identity: string, over: Server = server) =>
  lead(over.cluster, { namespace: "n", name: "l", identity, timing: standardTiming, clock }, log, signal);

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  const start = performance.now();
  stoppedMs = 0;
  clock = () => performance.now() - start + stoppedMs;
});
afterEach(() => vi.useRealTimers());

/** Steps the time of day, as an NTP daemon or an operator does; what only goes forward goes on. */
const step = (ms: number) => vi.setSystemTime(Date.now() + ms);

describe.each([
  ["an hour ahead", hour],
  ["an hour back", -hour],
])("when the clock is set %s", (_, ms) => {
  test("the other does not take the lease from a leader that renews", async () => {
    const first = await candidate("first");
    let second: Leadership | undefined;
    void candidate("second").then((leadership) => {
      second = leadership;
    });
    await vi.advanceTimersByTimeAsync(5_000);
    step(ms);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(second).toBeUndefined();
    expect(first.holds()).toBe(true);
    expect(first.lost.aborted).toBe(false);
  });

  test("a leader that cannot renew has given up before the other leads", async () => {
    const cut = new Server();
    const first = await candidate("first", cut);
    server.lease = cut.lease;
    let second: Leadership | undefined;
    void candidate("second").then((leadership) => {
      second = leadership;
    });
    await vi.advanceTimersByTimeAsync(1_000);
    cut.away = true;
    step(ms);
    for (let passed = 0; second === undefined && passed < 60_000; passed += 100) {
      await vi.advanceTimersByTimeAsync(100);
      expect(first.holds() && second !== undefined).toBe(false);
    }
    expect(second?.holds()).toBe(true);
    expect(first.lost.aborted).toBe(true);
  });
});

test("a process that was stopped and goes on writes nothing, even before it notices", async () => {
  const first = await candidate("first");
  const written: string[] = [];
  const delegate = {
    apply: async () => void written.push("apply"),
    patch: async () => void written.push("patch"),
    delete: async () => void written.push("delete"),
    impersonate: () => delegate,
  } as unknown as Cluster;
  const cluster = fenced(delegate, first).impersonate({ user: "tenant" });
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" } };
  await cluster.apply(object, { dryRun: false, force: true }, signal);
  expect(written).toEqual(["apply"]);
  // As after SIGSTOP and SIGCONT: much time has passed, and no timer has come to its turn yet.
  stoppedMs = 20_000;
  await expect(cluster.apply(object, { dryRun: false, force: true }, signal)).rejects.toMatchObject({
    code: "Interrupted",
  });
  await expect(cluster.delete({ ...object, name: "x" }, { propagation: "Background" }, signal)).rejects.toMatchObject({
    code: "Interrupted",
  });
  await cluster.apply(object, { dryRun: true, force: true }, signal);
  expect(written).toEqual(["apply", "apply"]);
});

test("a lease that somebody gives to another is lost at once", async () => {
  const first = await candidate("first");
  const { lease } = server;
  if (lease === undefined) throw new Error("no lease");
  await server.cluster.update({ ...lease, spec: { holderIdentity: "somebody", leaseDurationSeconds: 15 } }, {}, signal);
  await vi.advanceTimersByTimeAsync(2_500);
  expect(first.lost.aborted).toBe(true);
});
