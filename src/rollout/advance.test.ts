/** Stages in their order, each healthy before the next; the inventory first, deletions last. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeCluster } from "../../test/rollout/fake-cluster.ts";
import {
  available,
  deployment,
  inventoryOf,
  never,
  policy,
  settings,
  stageOf,
  unseal,
} from "../../test/rollout/objects.ts";
import { refOf } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";
import type { Inventory } from "../model/inventory.ts";
import type { DesiredStage } from "../sandbox/index.ts";
import { type Advanced, advance, type Run } from "./advance.ts";
import { prepare } from "./prepare.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const [first, second] = [deployment("first"), deployment("second")];
const ready = (name: string) => deployment(name, { status: available });
const tick = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds);

interface Begun {
  outcome: Advanced | Failure | undefined;
  readonly begins: Inventory[];
}

/** Prepares stages and advances to them. */
async function begin(
  fake: FakeCluster,
  stages: readonly DesiredStage[],
  { inventory = { entries: [] }, ...run }: Partial<Run> = {},
  signal = never,
): Promise<Begun> {
  const target = fake.target();
  const prepared = await prepare(target, { stages, inventory, policy, unseal }, never);
  const begun: Begun = { outcome: undefined, begins: [] };
  const whole: Run = {
    inventory,
    since: new Date(),
    isRollback: false,
    beforeWriting: async (widened) => {
      expect(fake.writes).toEqual([]);
      begun.begins.push(widened);
    },
    ...run,
  };
  advance(target, prepared, whole, signal).then(
    (done) => Object.assign(begun, { outcome: done }),
    (thrown: unknown) => Object.assign(begun, { outcome: thrown }),
  );
  await tick(1);
  return begun;
}

const twoStages = [stageOf([first], 60_000, "one"), stageOf([second], 60_000, "two")];

describe("stages", () => {
  test("come one after the other, each when the one before it is healthy", async () => {
    const fake = new FakeCluster();
    const begun = await begin(fake, twoStages);
    await tick(30_000);
    expect(fake.writes).toEqual(["apply Deployment/first"]);
    fake.put(ready("first"));
    await tick(1);
    expect(fake.writes).toEqual(["apply Deployment/first", "apply Deployment/second"]);
    expect(begun.outcome).toBeUndefined();
    fake.put(ready("second"));
    await tick(1);
    expect(begun.outcome).toMatchObject({
      inventory: { entries: [{ id: "shop_first_apps_Deployment" }, { id: "shop_second_apps_Deployment" }] },
    });
  });

  test("end with the first that does not become healthy in its time", async () => {
    const fake = new FakeCluster();
    const begun = await begin(fake, twoStages);
    await tick(60_001);
    expect(begun.outcome).toMatchObject({ code: "HealthTimeout", problems: [{ object: "Deployment/shop/first" }] });
    expect(fake.writes).toEqual(["apply Deployment/first"]);
  });

  test("have each their own time", async () => {
    const fake = new FakeCluster();
    const begun = await begin(fake, [stageOf([first], 60_000, "one"), stageOf([second], 10_000, "two")]);
    await tick(50_000);
    fake.put(ready("first"));
    await tick(9_000);
    expect(begun.outcome).toBeUndefined();
    await tick(1_001);
    expect(begun.outcome).toMatchObject({ code: "HealthTimeout", problems: [{ object: "Deployment/shop/second" }] });
  });

  test("end with the signal, and nothing more is written", async () => {
    const fake = new FakeCluster();
    const stop = new AbortController();
    const begun = await begin(fake, twoStages, {}, stop.signal);
    const reason = new Failure("Interrupted", { message: "a newer commit" });
    stop.abort(reason);
    await tick(1);
    fake.put(ready("first"));
    await tick(1);
    expect(begun.outcome).toBe(reason);
    expect(fake.writes).toEqual(["apply Deployment/first"]);
  });
});

describe("the inventory", () => {
  const stages = [stageOf([settings("web")])];

  test("is widened before the first write", async () => {
    const fake = new FakeCluster();
    fake.put(settings("old"));
    const { begins } = await begin(fake, stages, { inventory: inventoryOf("old") });
    expect(begins).toEqual([inventoryOf("old", "web")]);
  });

  test("is narrowed after the last deletion, which comes when all is healthy", async () => {
    const fake = new FakeCluster();
    fake.put(settings("old"));
    const begun = await begin(fake, [stageOf([first])], { inventory: inventoryOf("old") });
    await tick(30_000);
    expect(fake.writes).toEqual(["apply Deployment/first"]);
    fake.put(ready("first"));
    await tick(1);
    expect(fake.writes).toEqual(["apply Deployment/first", "delete ConfigMap/old"]);
    expect(begun.outcome).toMatchObject({ inventory: { entries: [{ id: "shop_first_apps_Deployment" }] } });
  });

  test.each([
    ["is told where it grows, although nothing is written", [], 1],
    ["is not told where nothing changes", ["web"], 0],
  ])("%s", async (_what, remembered, times) => {
    const fake = new FakeCluster();
    fake.put(settings("web"));
    const { begins, outcome } = await begin(fake, stages, { inventory: inventoryOf(...remembered) });
    expect(fake.writes).toEqual([]);
    expect(begins).toHaveLength(times);
    expect(outcome).toMatchObject({ inventory: inventoryOf("web") });
  });

  test("keeps the first write from being made where it cannot be told", async () => {
    const fake = new FakeCluster();
    const away = new Failure("ClusterUnreachable", { message: "the status cannot be written" });
    const { outcome } = await begin(fake, stages, { beforeWriting: () => Promise.reject(away) });
    expect([outcome, fake.writes]).toEqual([away, []]);
  });
});

describe("an attempt that an agent before this one began", () => {
  const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);

  test.each([
    ["has what is left of its time", 3, 120_000],
    ["has a minute where its time is up, since what was in the agent's way may have been in its own", 30, 60_000],
  ])("%s", async (_what, minutes, left) => {
    const fake = new FakeCluster();
    fake.put(first);
    const stages = [stageOf([first], 300_000)];
    const begun = await begin(fake, stages, { since: minutesAgo(minutes) });
    expect(fake.writes).toEqual([]);
    await tick(left - 1_000);
    expect(begun.outcome).toBeUndefined();
    await tick(1_001);
    expect(begun.outcome).toMatchObject({ code: "HealthTimeout" });
  });

  test("has all of its time where something is written", async () => {
    const fake = new FakeCluster();
    const begun = await begin(fake, [stageOf([first], 300_000)], { since: minutesAgo(30) });
    await tick(299_000);
    expect(begun.outcome).toBeUndefined();
    await tick(1_001);
    expect(begun.outcome).toMatchObject({ code: "HealthTimeout" });
  });

  test("has no more than the stage has, however short", async () => {
    const fake = new FakeCluster();
    fake.put(first);
    const begun = await begin(fake, [stageOf([first], 5_000)], { since: minutesAgo(30) });
    await tick(5_001);
    expect(begun.outcome).toMatchObject({ code: "HealthTimeout" });
  });
});

test("what is skipped is not waited for", async () => {
  const fake = new FakeCluster();
  fake.put(
    deployment("first", { metadata: { ...first.metadata, annotations: { "mooring.dev/reconcile": "disabled" } } }),
  );
  const { outcome } = await begin(fake, [stageOf([first])]);
  expect(outcome).toMatchObject({ plan: { actions: [{ action: { type: "skip" } }] } });
});

test("what somebody deletes during the wait is made again", async () => {
  const fake = new FakeCluster();
  const begun = await begin(fake, [stageOf([first])]);
  await tick(1_000);
  fake.remove(refOf(first));
  await tick(1);
  expect(fake.writes).toEqual(["apply Deployment/first", "apply Deployment/first"]);
  fake.put(ready("first"));
  await tick(1);
  expect(begun.outcome).toMatchObject({ pruneFailure: undefined });
});

test("the slot is released while health is waited for", async () => {
  const fake = new FakeCluster();
  const target = fake.target();
  const prepared = await prepare(target, { stages: twoStages, inventory: { entries: [] }, policy, unseal }, never);
  let holds = true;
  const slot: (typeof target)["slot"] = {
    async releaseWhile(wait) {
      holds = false;
      try {
        return await wait();
      } finally {
        holds = true;
      }
    },
  };
  const run = {
    inventory: { entries: [] },
    since: new Date(),
    isRollback: false,
    beforeWriting: async () => undefined,
  };
  const done = advance({ ...target, slot }, prepared, run, never);
  await tick(1_000);
  expect(holds).toBe(false);
  fake.put(ready("first"));
  fake.put(ready("second"));
  await tick(1_000);
  await done;
  expect(holds).toBe(true);
});
