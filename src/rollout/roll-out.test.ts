/** A failure rolls back, an error leaves things as they are; and what is recorded on the way. */
import { describe, expect, test } from "vitest";
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
import { Failure, type FailureCode } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import { type Attempt, type Journal, rollOut } from "./roll-out.ts";

const good = stageOf([settings("web", {}, { data: { version: "good" } })]);
const bad = stageOf([settings("web", {}, { data: { version: "bad" } }), settings("new")]);
const lastHealthy = { revision: "good", stages: [good] };
const live = (fake: FakeCluster, name: string): KubeObject | undefined =>
  fake.get({ apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name });

/** A cluster at the last healthy revision. */
function healthyCluster() {
  const fake = new FakeCluster();
  for (const { object } of good.manifests) fake.put(object);
  return fake;
}

/** Refuses the write of an object once it is desired with these data. */
const refuses = (fake: FakeCluster, name: string, code: FailureCode, times = 1) => {
  let left = times;
  fake.refuse = ({ verb, object, dryRun }) => {
    if (verb !== "apply" || dryRun || object.name !== name || left === 0) return undefined;
    left -= 1;
    return new Failure(code, { message: "no" });
  };
};

/** A journal that records the order of its calls. */
function recording(created: readonly string[] = ["shop_new__ConfigMap"]) {
  const calls: string[] = [];
  const journal: Journal = {
    begin: async (revision, { entries }) => void calls.push(`begin ${revision}: ${entries.length}`),
    found: async (revision, { id }) => void calls.push(`found ${revision}: ${id.name}`),
    beginRollback: async ({ entries }) => void calls.push(`begin rollback: ${entries.length}`),
    failed: async (revision, cause) => void calls.push(`failed ${revision}: ${cause.code}`),
    made: () => ({ found: [], created }),
    healthy: async ({ revision }) => void calls.push(`healthy ${revision}`),
  };
  return { journal, calls };
}

const attemptOf = (journal: Journal, more: Partial<Attempt> = {}): Attempt => ({
  ...{ revision: "bad", stages: [bad], inventory: inventoryOf("web"), policy, since: new Date(), unseal },
  ...{ journal, lastHealthy },
  ...more,
});

test("a revision that becomes healthy is recorded with its snapshot", async () => {
  const fake = healthyCluster();
  const { journal, calls } = recording();
  const outcome = await rollOut(fake.target(), attemptOf(journal), never);
  expect(outcome).toMatchObject({ type: "rolledOut", revision: "bad", inventory: inventoryOf("new", "web"), kept: [] });
  expect(calls).toEqual(["begin bad: 2", "healthy bad"]);
});

test("a plan that the deletion guard holds is answered, and nothing written or recorded", async () => {
  const fake = healthyCluster();
  fake.put(settings("old"));
  const { journal, calls } = recording();
  const guard = { kinds: ["ConfigMap"], maxObjects: 10, maxPercent: 100 };
  const attempt = attemptOf(journal, { inventory: inventoryOf("web", "old"), policy: { ...policy, guard } });
  expect(await rollOut(fake.target(), attempt, never)).toMatchObject({
    type: "held",
    revision: "bad",
    plan: { hold: {} },
  });
  expect([calls, fake.writes]).toEqual([[], []]);
});

describe("a failure", () => {
  test("before the first write is thrown: there is nothing to roll back", async () => {
    const fake = healthyCluster();
    fake.refuse = () => new Failure("ObjectInvalid", { message: "no" });
    const { journal, calls } = recording();
    await expect(rollOut(fake.target(), attemptOf(journal), never)).rejects.toMatchObject({ code: "ObjectInvalid" });
    expect([calls, fake.writes]).toEqual([[], []]);
  });

  test("after it rolls back to the last healthy revision, and deletes what only the failed one had", async () => {
    const fake = healthyCluster();
    refuses(fake, "new", "AdmissionDenied");
    const { journal, calls } = recording([]);
    const outcome = await rollOut(fake.target(), attemptOf(journal), never);
    expect(outcome).toMatchObject({
      type: "rolledBack",
      failed: "bad",
      to: "good",
      cause: { code: "AdmissionDenied" },
    });
    expect(calls).toEqual(["begin bad: 2", "failed bad: AdmissionDenied", "begin rollback: 2"]);
    expect(live(fake, "web")).toMatchObject({ data: { version: "good" } });
  });

  test("of health rolls back as well", async () => {
    const fake = healthyCluster();
    const web = deployment("web", { status: { ...available, readyReplicas: 0, availableReplicas: 0 } });
    const { journal } = recording(["shop_web_apps_Deployment"]);
    const attempt = attemptOf(journal, { stages: [stageOf([web], 50)] });
    const outcome = await rollOut(fake.target(), attempt, never);
    expect(outcome).toMatchObject({ type: "rolledBack", cause: { code: "HealthTimeout" }, pruneFailure: undefined });
    expect(fake.writes).toContain("delete Deployment/web");
    expect(live(fake, "web")).toMatchObject({ data: { version: "good" } });
  });

  test("is only told where no revision was healthy yet", async () => {
    const fake = healthyCluster();
    refuses(fake, "new", "AdmissionDenied");
    const { journal, calls } = recording();
    const outcome = await rollOut(fake.target(), attemptOf(journal, { lastHealthy: undefined }), never);
    expect(outcome).toMatchObject({ type: "failed", failed: "bad", cause: { code: "AdmissionDenied" } });
    expect(calls.at(-1)).toBe("failed bad: AdmissionDenied");
    expect(live(fake, "web")).toMatchObject({ data: { version: "bad" } });
  });

  test("of the rollback too ends it, with both causes", async () => {
    const fake = healthyCluster();
    const { journal } = recording();
    fake.refuse = ({ verb, object, dryRun }) => {
      if (verb !== "apply" || dryRun) return undefined;
      if (object.name === "new") return new Failure("AdmissionDenied", { message: "no" });
      return fake.writes.length > 0 ? new Failure("QuotaExceeded", { message: "full" }) : undefined;
    };
    const outcome = await rollOut(fake.target(), attemptOf(journal), never);
    expect(outcome).toMatchObject({
      ...{ type: "rollbackFailed", failed: "bad", to: "good" },
      ...{ cause: { code: "AdmissionDenied" }, rollbackCause: { code: "QuotaExceeded" } },
    });
  });

  test("that cannot be recorded is not rolled back: a restart would not know of it", async () => {
    const fake = healthyCluster();
    refuses(fake, "new", "AdmissionDenied");
    const { journal } = recording();
    const away = new Failure("ClusterUnreachable", { message: "the status cannot be written" });
    const attempt = attemptOf({ ...journal, failed: () => Promise.reject(away) });
    await expect(rollOut(fake.target(), attempt, never)).rejects.toBe(away);
    expect(live(fake, "web")).toMatchObject({ data: { version: "bad" } });
  });
});

describe("an error", () => {
  test.each(["ClusterUnreachable", "ClusterBusy", "Forbidden", "Conflict"] as const)(
    "is thrown and rolls nothing back: %s",
    async (code) => {
      const fake = healthyCluster();
      refuses(fake, "new", code);
      const { journal, calls } = recording();
      await expect(rollOut(fake.target(), attemptOf(journal), never)).rejects.toMatchObject({ code });
      expect(calls).toEqual(["begin bad: 2"]);
      expect(live(fake, "web")).toMatchObject({ data: { version: "bad" } });
    },
  );

  test("of the rollback is thrown, so that it is tried again", async () => {
    const fake = healthyCluster();
    const { journal, calls } = recording();
    fake.refuse = ({ verb, object, dryRun }) => {
      if (verb !== "apply" || dryRun) return undefined;
      if (object.name === "new") return new Failure("AdmissionDenied", { message: "no" });
      return fake.writes.length > 0 ? new Failure("ClusterUnreachable", { message: "no" }) : undefined;
    };
    await expect(rollOut(fake.target(), attemptOf(journal), never)).rejects.toMatchObject({
      code: "ClusterUnreachable",
    });
    expect(calls.at(-1)).toBe("begin rollback: 2");
  });

  test("is what an interruption is, whatever it interrupts", async () => {
    const fake = healthyCluster();
    const stop = new AbortController();
    fake.refuse = ({ object, dryRun }) => {
      if (dryRun || object.name !== "new") return undefined;
      stop.abort(new Failure("Interrupted", { message: "a newer commit" }));
      return new Failure("AdmissionDenied", { message: "no" });
    };
    const { journal, calls } = recording();
    await expect(rollOut(fake.target(), attemptOf(journal), stop.signal)).rejects.toBeInstanceOf(Failure);
    expect(calls).toEqual(["begin bad: 2"]);
  });

  test("is a snapshot that cannot be kept: the revision is not healthy before that", async () => {
    const { journal } = recording();
    const away = new Failure("ClusterUnreachable", { message: "no" });
    const attempt = attemptOf({ ...journal, healthy: () => Promise.reject(away) });
    await expect(rollOut(healthyCluster().target(), attempt, never)).rejects.toBe(away);
  });
});

describe("a rollback deletes", () => {
  const rolledBack = async (made: ReturnType<Journal["made"]>) => {
    const fake = healthyCluster();
    const hook = settings("zz-last");
    refuses(fake, "zz-last", "AdmissionDenied");
    const { journal } = recording();
    const stages = [stageOf([...bad.manifests.map(({ object }) => object), hook])];
    await rollOut(fake.target(), attemptOf({ ...journal, made: () => made }, { stages }), never);
    return live(fake, "new") === undefined;
  };

  test.each<readonly [what: string, made: ReturnType<Journal["made"]>, deleted: boolean]>([
    ["what the failed revision created", { found: [], created: ["shop_new__ConfigMap"] }, true],
    ["nothing that it found", { found: ["shop_new__ConfigMap"], created: [] }, false],
    ["nothing that it did not create", { found: [], created: [] }, false],
  ])("%s", async (_what, made, deleted) => {
    expect(await rolledBack(made)).toBe(deleted);
  });
});
