/** Objects outside the Environment are waited for as its own are, and never touched. */
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { available, deployment, never } from "../../../test/rollout/objects.ts";
import type { Change, WatchHub } from "../../cluster/index.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { waitForExternalChecks } from "./external-checks.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const { id } = manifestOf(deployment("db"));

/** A hub that shows one object, and whether somebody is subscribed. */
function hubOf() {
  let shown: KubeObject | undefined;
  const listeners = new Set<(change: Change) => void>();
  let subscriptions = 0;
  const subscribe = () => {
    subscriptions += 1;
    return {
      state: "listed",
      ready: async () => undefined,
      get: () => shown,
      failure: () => undefined,
      renew: () => undefined,
      onChange: (listener: (change: Change) => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      close: async () => {
        subscriptions -= 1;
      },
    };
  };
  return {
    hub: { subscribe } as unknown as WatchHub,
    show: (object: KubeObject) => {
      shown = object;
      for (const each of listeners) each({ type: "added", object } as Change);
    },
    subscriptions: () => subscriptions,
  };
}

function begin(
  fake: FakeCluster,
  { hub }: ReturnType<typeof hubOf>,
  timeoutMs: number | undefined,
  objects = [{ id, apiVersion: "apps/v1" }],
) {
  const begun: { outcome?: unknown } = {};
  const target = fake.target({ watches: hub, externalChecks: objects });
  const stage = timeoutMs === undefined ? undefined : { timeoutMs };
  waitForExternalChecks(target, stage, new Date(), never).then(
    () => Object.assign(begun, { outcome: "healthy" }),
    (thrown: unknown) => Object.assign(begun, { outcome: thrown }),
  );
  return begun;
}

test.each([
  ["there are none", 60_000, []],
  ["the Environment has no stage", undefined, [{ id, apiVersion: "apps/v1" }]],
])("nothing is waited for where %s", async (_what, timeoutMs, objects) => {
  const hub = hubOf();
  const begun = begin(new FakeCluster(), hub, timeoutMs, objects);
  await vi.advanceTimersByTimeAsync(1);
  expect([begun.outcome, hub.subscriptions()]).toEqual(["healthy", 0]);
});

test("they are watched until they are healthy, and no longer", async () => {
  const hub = hubOf();
  const fake = new FakeCluster();
  const begun = begin(fake, hub, 60_000);
  await vi.advanceTimersByTimeAsync(10_000);
  expect([begun.outcome, hub.subscriptions()]).toEqual([undefined, 1]);
  hub.show(deployment("db", { status: available }));
  await vi.advanceTimersByTimeAsync(1);
  expect([begun.outcome, hub.subscriptions()]).toEqual(["healthy", 0]);
  expect(fake.writes).toEqual([]);
});

test("within the time of the last stage", async () => {
  const hub = hubOf();
  const begun = begin(new FakeCluster(), hub, 20_000);
  await vi.advanceTimersByTimeAsync(20_001);
  expect(begun.outcome).toMatchObject({ code: "HealthTimeout", problems: [{ object: "Deployment/shop/db" }] });
  expect(hub.subscriptions()).toBe(0);
});
