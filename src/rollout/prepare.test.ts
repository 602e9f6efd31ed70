/** What a plan goes by: rights before keys, peers, what a rollback must not touch, and limits before the first write. */
import { describe, expect, test } from "vitest";
import { FakeCluster } from "../../test/rollout/fake-cluster.ts";
import { inventoryOf, labelsOf, never, policy, settings, stageOf, unseal } from "../../test/rollout/objects.ts";
import { Failure } from "../model/failure.ts";
import type { Inventory } from "../model/inventory.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import type { Policy } from "./policy.ts";
import { prepare } from "./prepare.ts";
import type { ApplyTarget } from "./target/apply-target.ts";

interface Given {
  readonly desired?: readonly KubeObject[];
  readonly live?: readonly KubeObject[];
  readonly inventory?: Inventory;
  readonly policy?: Partial<Policy>;
  readonly target?: Partial<ApplyTarget>;
}

async function prepared({ desired = [settings("web")], live = [], inventory = inventoryOf(), ...more }: Given) {
  const fake = new FakeCluster();
  for (const object of live) fake.put(object);
  const stages = [stageOf(desired)];
  const wanted = { stages, inventory, policy: { ...policy, ...more.policy }, unseal };
  const result = await prepare(fake.target(more.target), wanted, never);
  expect(fake.writes).toEqual([]);
  return { ...result, actions: result.plan.actions.map(({ id, action }) => [id.name, action.type]) };
}

test("what is desired and what is owned are planned, and nothing is written", async () => {
  const given = { live: [settings("same"), settings("old")], inventory: inventoryOf("old", "same") };
  const { actions, by } = await prepared({ ...given, desired: [settings("same"), settings("new")] });
  expect(actions).toEqual([
    ["new", "create"],
    ["same", "unchanged"],
    ["old", "delete"],
  ]);
  expect([...by.owned]).toEqual(["shop_old__ConfigMap", "shop_same__ConfigMap"]);
});

describe("peers", () => {
  const heir = { name: "heir", namespace: "mooring-system" };

  test("keep what they claim from being deleted", async () => {
    const claimedBy = async () => new Map([["shop_old__ConfigMap", heir]]);
    const { actions } = await prepared({
      ...{ live: [settings("old")], inventory: inventoryOf("old"), desired: [] },
      target: { ownershipPeers: { claimedBy, unclaimed: async () => new Set() } },
    });
    expect(actions).toEqual([["old", "orphan"]]);
  });

  test.each([
    ["released", ["shop_web__ConfigMap"], [["web", "update"]]],
    ["did not release", [], "OwnedByAnother"],
  ])("let an object move here that they %s", async (_what, released, expected) => {
    const unclaimed = async () => new Set(released);
    const planning = prepared({
      live: [settings("web", { labels: labelsOf("former") })],
      target: { ownershipPeers: { claimedBy: async () => new Map(), unclaimed } },
    });
    if (typeof expected === "string") await expect(planning).rejects.toMatchObject({ code: expected });
    else expect((await planning).actions).toEqual(expected);
  });
});

describe("a rollback", () => {
  const given = { live: [settings("new")], inventory: inventoryOf("new"), desired: [] };

  test.each<readonly [what: string, rollback: Policy["rollback"], action: string]>([
    [
      "deletes what the failed revision created",
      { found: new Set(), created: new Set(["shop_new__ConfigMap"]) },
      "delete",
    ],
    ["leaves what it found", { found: new Set(["shop_new__ConfigMap"]), created: new Set() }, "orphan"],
    ["leaves what it did not create", { found: new Set(), created: new Set() }, "orphan"],
  ])("%s", async (_what, rollback, action) => {
    const { actions, by } = await prepared({ ...given, policy: { rollback } });
    expect(actions).toEqual([["new", action]]);
    expect(by.rollback).toBe(rollback);
  });

  test("takes nothing back that another Environment has by now", async () => {
    const { actions } = await prepared({
      live: [settings("web", { labels: labelsOf("heir") })],
      policy: { rollback: { found: new Set() } },
    });
    expect(actions).toEqual([["web", "skip"]]);
  });
});

describe("an Environment that prunes nothing, or is held", () => {
  const given = { live: [settings("old")], inventory: inventoryOf("old"), desired: [] };
  const guard = { kinds: ["ConfigMap"], maxObjects: 10, maxPercent: 100 };

  test("leaves what is no longer desired", async () => {
    expect((await prepared({ ...given, policy: { prune: false } })).actions).toEqual([["old", "orphan"]]);
  });

  test("is held until exactly this plan is approved", async () => {
    const { plan } = await prepared({ ...given, policy: { guard } });
    expect(plan.hold).toBeDefined();
    expect((await prepared({ ...given, policy: { guard, approved: "other" } })).plan.hold).toBeDefined();
    expect((await prepared({ ...given, policy: { guard, approved: plan.digest } })).plan.hold).toBeUndefined();
  });
});

describe("before anything is asked of the cluster", () => {
  const unexpected = () => Promise.reject(new Failure("Bug", { message: "must not be asked" }));

  test("nothing is unsealed without the rights for it", async () => {
    const fake = new FakeCluster();
    const denied = new Failure("Forbidden", { message: "may not create Secrets there" });
    const target = fake.target({ vouch: () => Promise.reject(denied), cluster: { ...fake.cluster, get: unexpected } });
    const opened: Manifest[] = [];
    const wanted = {
      ...{ stages: [stageOf([settings("web")])], inventory: inventoryOf(), policy },
      unseal: async (manifests: readonly Manifest[]) => {
        opened.push(...manifests);
        return manifests;
      },
    };
    await expect(prepare(target, wanted, never)).rejects.toBe(denied);
    expect(opened).toEqual([]);
  });

  test("an inventory that no status can hold is refused", async () => {
    const names = Array.from({ length: 20_000 }, (_, index) => `a-name-that-is-quite-long-for-a-config-map-${index}`);
    const fake = new FakeCluster();
    const wanted = { stages: [stageOf([settings("web")])], inventory: inventoryOf(...names), policy, unseal };
    const target = fake.target({ cluster: { ...fake.cluster, get: unexpected, apply: unexpected } });
    await expect(prepare(target, wanted, never)).rejects.toMatchObject({ code: "InputTooLarge" });
  });
});

test("labels of the owner are put on everything desired", async () => {
  const { observation } = await prepared({ desired: [settings("web", { labels: { app: "web" } })] });
  expect(observation.stages[0]?.manifests[0]?.object.metadata.labels).toEqual({ app: "web", ...labelsOf() });
});
