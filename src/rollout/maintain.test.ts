/** An Environment is kept at what was healthy: drift corrected or reported, leftovers pruned, health told. */
import { describe, expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../test/rollout/fake-cluster.ts";
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
import { Failure } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import { allHealthy, isUnhealthy, maintain } from "./maintain.ts";
import { prepare } from "./prepare.ts";

const ready = deployment("web", { status: available });
const stalled = deployment("web", {
  status: {
    observedGeneration: 1,
    conditions: [
      { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "has timed out" },
    ],
  },
});
const fromGit = settings("config", {}, { data: { a: "git" } });
const byHand = settings("config", {}, { data: { a: "by hand" } });

/** One pass over a cluster with these objects, at these desired ones. */
async function pass(
  fake: FakeCluster,
  desired: readonly KubeObject[],
  { behind = false, drift = "correct" as "correct" | "report", inventory = inventoryOf(), policy: more = {} } = {},
) {
  const target = fake.target();
  const stages = [stageOf(desired)];
  const prepared = await prepare(target, { stages, inventory, policy: { ...policy, ...more }, unseal }, never);
  return maintain(target, prepared, { revision: "r", behind, inventory, drift }, never);
}

function clusterWith(...objects: readonly KubeObject[]) {
  const fake = new FakeCluster();
  for (const object of objects) fake.put(object);
  return fake;
}

const namesOf = (actions: readonly { readonly id: { readonly name: string } }[]) => actions.map(({ id }) => id.name);

test("where nothing drifted, nothing is written", async () => {
  const fake = clusterWith(fromGit, ready);
  expect(await pass(fake, [fromGit, deployment("web")])).toMatchObject({
    ...{ type: "maintained", revision: "r", behind: false, corrected: [], drifted: [], pruneFailure: undefined },
    health: { healthy: true, message: "2 objects are healthy" },
  });
  expect(fake.writes).toEqual([]);
});

test("drift is corrected", async () => {
  const fake = clusterWith(byHand);
  const outcome = await pass(fake, [fromGit]);
  expect(outcome).toMatchObject({ drifted: [], health: { healthy: true } });
  expect(outcome.type === "maintained" && namesOf(outcome.corrected)).toEqual(["config"]);
  expect(fake.writes).toEqual(["apply ConfigMap/config"]);
});

test("or only reported, and is no matter of health", async () => {
  const fake = clusterWith(byHand);
  const outcome = await pass(fake, [fromGit], { drift: "report" });
  expect(outcome).toMatchObject({ corrected: [], health: { healthy: true } });
  expect(outcome.type === "maintained" && namesOf(outcome.drifted)).toEqual(["config"]);
  expect(fake.writes).toEqual([]);
});

describe("it is unhealthy", () => {
  test("where an object has failed, without a word of a Secret's values", async () => {
    const secret: KubeObject = { ...settings("db"), kind: "Secret", data: { password: btoa("hunter2-or-so") } };
    const broken = deployment("web", {
      status: {
        observedGeneration: 1,
        conditions: [
          {
            type: "Progressing",
            status: "False",
            reason: "ProgressDeadlineExceeded",
            message: "exit code 1: hunter2-or-so",
          },
        ],
      },
    });
    const outcome = await pass(clusterWith(secret, broken), [secret, deployment("web")]);
    expect(outcome).toMatchObject({
      health: { healthy: false, message: expect.stringMatching(/^Deployment\/shop\/web: /) },
    });
    expect(JSON.stringify(outcome)).not.toContain("hunter2");
  });

  test("where an object is missing that may only be reported", async () => {
    const outcome = await pass(new FakeCluster(), [fromGit], { drift: "report" });
    expect(outcome).toMatchObject({ health: { healthy: false, message: "ConfigMap/shop/config: does not exist" } });
  });

  test("where an object is being deleted", async () => {
    const going = settings("config", { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["a/b"] });
    const outcome = await pass(clusterWith(going), [fromGit]);
    expect(outcome).toMatchObject({
      corrected: [],
      health: {
        healthy: false,
        message: "ConfigMap/shop/config: is being deleted; blocked by the finalizer a/b",
      },
    });
  });

  test("but not where a missing object has been made again", async () => {
    expect(await pass(new FakeCluster(), [fromGit])).toMatchObject({ health: { healthy: true } });
  });
});

describe("leftovers of an earlier prune", () => {
  const inventory = inventoryOf("config", "old");

  test("go once all is healthy", async () => {
    const fake = clusterWith(fromGit, settings("old"));
    expect(await pass(fake, [fromGit], { inventory })).toMatchObject({ inventory: inventoryOf("config") });
    expect(fake.writes).toEqual(["delete ConfigMap/old"]);
  });

  test.each<readonly [what: string, live: KubeObject, more: Parameters<typeof pass>[2]]>([
    ["while something is unhealthy", stalled, {}],
    ["while a newer revision has failed", ready, { behind: true }],
  ])("stay %s, and stay owned", async (_what, live, more) => {
    const fake = clusterWith(fromGit, live, settings("old"));
    const outcome = await pass(fake, [fromGit, deployment("web")], { ...more, inventory });
    expect(fake.writes).toEqual([]);
    expect(outcome.type === "maintained" && outcome.inventory.entries.map(({ id }) => id)).toContain(
      "shop_old__ConfigMap",
    );
  });

  test("are held by the deletion guard, and nothing is deleted then", async () => {
    const fake = clusterWith(fromGit, settings("old"));
    const guard = { kinds: ["ConfigMap"], maxObjects: 10, maxPercent: 100 };
    const outcome = await pass(fake, [fromGit], { inventory, policy: { guard } });
    expect(outcome).toMatchObject({ type: "held", revision: "r" });
    expect(fake.writes).toEqual([]);
  });
});

test("a correction that the API server refuses is thrown", async () => {
  const fake = clusterWith(byHand);
  fake.refuse = ({ dryRun }) => (dryRun ? undefined : new Failure("AdmissionDenied", { message: "no" }));
  await expect(pass(fake, [fromGit])).rejects.toMatchObject({ code: "AdmissionDenied" });
});

test.each<readonly [what: string, live: KubeObject | undefined, unhealthy: boolean]>([
  ["is missing", undefined, false],
  ["is healthy", ready, false],
  ["is not ready", deployment("web"), true],
  ["has failed", stalled, true],
])("an object that %s is unhealthy: %s", (_what, live, unhealthy) => {
  const fake = clusterWith(...(live === undefined ? [] : [live]));
  expect(isUnhealthy(fake.target(), manifestOf(ready).id)).toBe(unhealthy);
});

test.each([
  [[], "0 objects are healthy"],
  [["a", "b"], "2 objects are healthy"],
])("health is told the same way whenever all is: %j", (names, message) => {
  expect(allHealthy(inventoryOf(...names))).toEqual({ healthy: true, message });
});
