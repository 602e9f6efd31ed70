/** A pass that goes back has its slot as one that goes forward has. */
import { expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { ownerLabels } from "../../api/names.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { type Attempt, rollOut, type Slot } from "../../rollout/index.ts";
import { createSlots } from "./slots.ts";

const never = new AbortController().signal;

/** An immutable ConfigMap of the Environment. */
const fixed = (value: string, finalizers: readonly string[] = []): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: {
    name: "fixed",
    namespace: "shop",
    labels: { [ownerLabels.name]: "own", [ownerLabels.namespace]: "mooring-system" },
    ...(finalizers.length === 0 ? {} : { finalizers: [...finalizers] }),
  },
  immutable: true,
  data: { value },
});

test("what waited in vain takes its slot again before it goes back", async () => {
  const slots = createSlots(1, 0);
  const [slot, other] = [slots.join(), slots.join()];
  const fake = new FakeCluster();
  fake.put(fixed("1", ["example.com/stuck"]));
  fake.refuse = ({ verb, live }) =>
    verb === "apply" && live?.metadata.deletionTimestamp === undefined && live !== undefined
      ? new Failure("FieldImmutable", { message: "is immutable" })
      : undefined;
  const told: string[] = [];
  const tell = (what: string) => async () => void told.push(what);
  const staged = (value: string) => [{ name: "", timeoutMs: 300, manifests: [manifestOf(fixed(value))] }];
  const attempt: Attempt = {
    revision: "bad",
    stages: staged("2"),
    inventory: { entries: [{ id: "shop_fixed__ConfigMap", v: "v1" }] },
    policy: { prune: true, force: true, guard: undefined, approved: undefined },
    since: new Date(),
    unseal: async (manifests: readonly Manifest[]) => manifests,
    lastHealthy: { revision: "good", stages: staged("1") },
    journal: {
      begin: tell("begin"),
      found: tell("found"),
      beginRollback: tell("beginRollback"),
      failed: tell("failed"),
      healthy: tell("healthy"),
      made: () => ({ found: [], created: [] }),
    },
  };
  await slot.acquire(never);
  let over = 0;
  const counted: Slot = { releaseWhile: (wait) => slot.releaseWhile(() => wait().finally(() => over++)) };
  const rolledOut = rollOut(fake.target({ slot: counted }), attempt, never);
  await other.acquire(never);
  expect(fake.writes).toEqual(["delete ConfigMap/fixed"]);
  // Its time is up while another one works.
  const before = over;
  await expect.poll(() => over).toBeGreaterThan(before);
  await new Promise((resolve) => setImmediate(resolve));
  expect(told).toEqual(["begin"]);
  fake.remove({ apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "fixed" });
  other.release();
  expect(await rolledOut).toMatchObject({ type: "rolledBack", cause: { code: "HealthTimeout" } });
  expect(told).toEqual(["begin", "failed", "beginRollback"]);
});
