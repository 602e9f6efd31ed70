/** What goes with an Environment that is deleted, what stays, and what holds it. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { FakeCluster } from "../../test/rollout/fake-cluster.ts";
import { inventoryOf, labelsOf, never, settings } from "../../test/rollout/objects.ts";
import { refOf } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";
import type { Inventory } from "../model/inventory.ts";
import type { KubeObject } from "../model/manifest.ts";
import { planRemoval, remove } from "./remove.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const nothing = { guard: undefined, approved: undefined };
const guard = { kinds: ["ConfigMap"], maxObjects: 10, maxPercent: 100 };

function clusterWith(...objects: readonly KubeObject[]) {
  const fake = new FakeCluster();
  for (const object of objects) fake.put(object);
  return fake;
}

const plannedFor = (fake: FakeCluster, inventory: Inventory) => planRemoval(fake.target(), inventory, nothing, never);

test.each<readonly [what: string, live: KubeObject, action: string]>([
  ["its own goes", settings("web"), "delete"],
  ["what is annotated to stay stays", settings("web", { annotations: { "mooring.dev/prune": "disabled" } }), "orphan"],
  [
    "what is to be left alone stays",
    settings("web", { annotations: { "mooring.dev/reconcile": "disabled" } }),
    "orphan",
  ],
  ["what another Environment has stays", settings("web", { labels: labelsOf("other") }), "orphan"],
  ["what carries no labels stays", settings("web", { labels: {} }), "orphan"],
])("%s", async (_what, live, action) => {
  const { plan } = await plannedFor(clusterWith(live), inventoryOf("web"));
  expect(plan.actions.map((each) => each.action.type)).toEqual([action]);
});

test.each([
  ["created", "delete"],
  ["found", "orphan"],
] as const)("what a rollback left that the failed revision had %s: %s", async (left, action) => {
  const inventory = { entries: inventoryOf("web").entries.map((entry) => ({ ...entry, left })) };
  const { plan } = await plannedFor(clusterWith(settings("web")), inventory);
  expect(plan.actions.map((each) => each.action.type)).toEqual([action]);
});

test("what another Environment wants stays, for it to take over", async () => {
  const fake = clusterWith(settings("web"));
  const heir = { name: "heir", namespace: "mooring-system" };
  const claimedBy = async () => new Map([["shop_web__ConfigMap", heir]]);
  const target = fake.target({ ownershipPeers: { claimedBy, unclaimed: async () => new Set() } });
  const { plan } = await planRemoval(target, inventoryOf("web"), nothing, never);
  expect(plan.actions).toMatchObject([{ action: { type: "orphan", reason: expect.stringContaining("heir") } }]);
});

test("the deletion guard holds it until its digest is approved", async () => {
  const fake = clusterWith(settings("web"));
  const held = await planRemoval(fake.target(), inventoryOf("web"), { guard, approved: undefined }, never);
  expect(held.plan.hold?.objects.map(({ name }) => name)).toEqual(["web"]);
  const approved = await planRemoval(fake.target(), inventoryOf("web"), { guard, approved: held.plan.digest }, never);
  expect(approved.plan.hold).toBeUndefined();
});

test("that all of it goes is what is wanted, and held by no percentage", async () => {
  const fake = clusterWith(settings("web"));
  const strict = { ...guard, kinds: [], maxPercent: 10 };
  const { plan } = await planRemoval(fake.target(), inventoryOf("web"), { guard: strict, approved: undefined }, never);
  expect(plan.hold).toBeUndefined();
});

describe("it is carried out", () => {
  const begin = async (fake: FakeCluster, wait: boolean, signal = never) => {
    const target = fake.target();
    const removal = await planRemoval(target, inventoryOf("web", "api"), nothing, never);
    const begun: { outcome?: unknown } = {};
    remove(target, removal, wait, signal).then(
      () => Object.assign(begun, { outcome: "done" }),
      (thrown: unknown) => Object.assign(begun, { outcome: thrown }),
    );
    await vi.advanceTimersByTimeAsync(10);
    return begun;
  };
  const slow = settings("web", { finalizers: ["example.com/slow"] });

  test("by deletions, without a wait for what takes its time", async () => {
    const fake = clusterWith(slow, settings("api"));
    expect(await begin(fake, false)).toEqual({ outcome: "done" });
    expect([...fake.writes].sort()).toEqual(["delete ConfigMap/api", "delete ConfigMap/web"]);
  });

  test("and waited for until all is gone", async () => {
    const fake = clusterWith(slow, settings("api"));
    const begun = await begin(fake, true);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(begun.outcome).toBeUndefined();
    fake.remove(refOf(slow));
    await vi.advanceTimersByTimeAsync(200);
    expect(begun.outcome).toBe("done");
  });

  test("but not for what stays", async () => {
    const fake = clusterWith(settings("web", { annotations: { "mooring.dev/prune": "disabled" } }), settings("api"));
    expect(await begin(fake, true)).toEqual({ outcome: "done" });
    expect(fake.writes).toEqual(["delete ConfigMap/api"]);
  });

  test("and what could not be deleted is thrown, when the rest has been", async () => {
    const fake = clusterWith(settings("web"), settings("api"));
    fake.refuse = ({ object }) => (object.name === "web" ? new Failure("Forbidden", { message: "no" }) : undefined);
    expect(await begin(fake, true)).toMatchObject({
      outcome: { code: "Forbidden", problems: [{ object: "ConfigMap/shop/web" }] },
    });
    expect(fake.writes).toEqual(["delete ConfigMap/api"]);
  });

  test("until its signal", async () => {
    const stop = new AbortController();
    const begun = await begin(clusterWith(slow, settings("api")), true, stop.signal);
    const reason = new Failure("Interrupted", { message: "the agent ends" });
    stop.abort(reason);
    await vi.advanceTimersByTimeAsync(10);
    expect(begun.outcome).toBe(reason);
  });
});
