/** What could not be deleted is told by whatever came of the pass, and stays the environment's own until it is gone. */
import { expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { ownerLabels } from "../../api/names.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { maintain } from "../maintain.ts";
import { prepare } from "../prepare.ts";
import { type Journal, rollBack } from "../roll-out.ts";

const never = new AbortController().signal;
const policy = { prune: true, force: false, guard: undefined, approved: undefined };
const unseal = async (manifests: readonly ReturnType<typeof manifestOf>[]) => manifests;
const labels = { [ownerLabels.name]: "own", [ownerLabels.namespace]: "mooring-system" };
const settings = (name: string): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name, namespace: "shop", labels },
});
const stages = [{ name: "", timeoutMs: 1_000, manifests: [manifestOf(settings("kept"))] }];
const inventory = {
  entries: [
    { id: "shop_kept__ConfigMap", v: "v1" },
    { id: "shop_old__ConfigMap", v: "v1" },
  ],
};

function clusterThatKeeps(name: string): FakeCluster {
  const fake = new FakeCluster();
  for (const each of ["kept", "old"]) fake.put(settings(each));
  fake.refuse = ({ verb, object }) =>
    verb === "delete" && object.name === name
      ? new Failure("AdmissionDenied", { message: "nothing is deleted on a Friday" })
      : undefined;
  return fake;
}

const told = { code: "AdmissionDenied", message: "ConfigMap/shop/old: nothing is deleted on a Friday" };

test("by a pass that only keeps what is there, every time, until it is gone", async () => {
  const fake = clusterThatKeeps("old");
  const target = fake.target();
  const pass = async () => {
    const prepared = await prepare(target, { stages, inventory, policy, unseal }, never);
    return maintain(target, prepared, { revision: "r", behind: false, inventory, drift: "correct" }, never);
  };
  for (let again = 0; again < 2; again += 1) {
    expect(await pass()).toMatchObject({ type: "maintained", inventory, pruneFailure: told });
  }
  fake.refuse = () => undefined;
  const [kept] = inventory.entries;
  expect(await pass()).toMatchObject({ inventory: { entries: [kept] }, pruneFailure: undefined });
});

test("by a pass whose deletions the deletion guard holds, which are left then", async () => {
  const fake = clusterThatKeeps("none");
  const target = fake.target();
  const guard = { kinds: ["ConfigMap"], maxObjects: 10, maxPercent: 100 };
  const prepared = await prepare(target, { stages, inventory, policy: { ...policy, guard }, unseal }, never);
  const run = { revision: "r", behind: false, inventory, drift: "correct" } as const;
  expect(await maintain(target, prepared, run, never)).toMatchObject({ type: "held", plan: { hold: {} } });
  expect(fake.writes).toEqual([]);
});

test("by a rollback", async () => {
  const target = clusterThatKeeps("old").target();
  const journal: Partial<Journal> = {
    made: () => ({ found: [], created: ["shop_old__ConfigMap"] }),
    beginRollback: async () => undefined,
  };
  const back = {
    failed: "bad",
    cause: new Failure("HealthFailed", { message: "is ill" }),
    lastHealthy: { revision: "good", stages },
    since: new Date(),
    inventory,
    policy,
    unseal,
    journal: journal as Journal,
  };
  expect(await rollBack(target, back, never)).toMatchObject({ type: "rolledBack", inventory, pruneFailure: told });
});
