/** How long an environment waits: by its timeout, whatever it waits for and whatever happens to the clock on the wall. */
import { afterEach, expect, test, vi } from "vitest";
import { FakeCluster, manifestOf } from "../../test/rollout/fake-cluster.ts";
import { ownerLabels } from "../api/names.ts";
import { Failure } from "../model/failure.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { advance } from "./advance.ts";
import { maintain } from "./maintain.ts";
import { prepare } from "./prepare.ts";

const never = new AbortController().signal;
const labels = { [ownerLabels.name]: "own", [ownerLabels.namespace]: "mooring-system" };
const policy = { prune: true, force: true, guard: undefined, approved: undefined };
const unseal = async (manifests: readonly Manifest[]) => manifests;
const inventory = { entries: [] };
const staged = (object: KubeObject, timeoutMs: number) => [{ name: "", timeoutMs, manifests: [manifestOf(object)] }];

afterEach(() => void vi.useRealTimers());

test("what is set right and waits for a finalizer is told when its time is up, and as long as it is going", async () => {
  const fixed = (value: string, more = {}): KubeObject => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "fixed", namespace: "shop", labels, ...more },
    immutable: true,
    data: { value },
  });
  const fake = new FakeCluster();
  fake.put(fixed("by hand", { finalizers: ["example.com/stuck"] }));
  fake.refuse = ({ verb, live }) =>
    verb === "apply" && live !== undefined ? new Failure("FieldImmutable", { message: "is immutable" }) : undefined;
  const target = fake.target();
  const stages = staged(fixed("from git"), 200);
  const pass = async () => {
    const prepared = await prepare(target, { stages, inventory, policy, unseal }, never);
    return maintain(target, prepared, { revision: "r", behind: false, inventory, drift: "correct" }, never);
  };
  const health = {
    healthy: false,
    message: expect.stringMatching(
      /ConfigMap\/shop\/fixed: is being deleted; blocked by the finalizer example.com\/stuck/,
    ),
  };
  expect(await pass()).toMatchObject({ corrected: [], health });
  expect(await pass()).toMatchObject({ corrected: [], health });
  fake.remove({ apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "fixed" });
  expect(await pass()).toMatchObject({ corrected: [{ action: { type: "create" } }], health: { healthy: true } });
});

test.each([1, -1])(
  "a step of the clock by %i hours while an object is written neither ends nor prolongs a wait",
  async (hours) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    const web: KubeObject = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "shop", labels, generation: 1 },
      spec: { replicas: 1 },
    };
    const fake = new FakeCluster();
    const target = fake.target();
    const run = { inventory, since: new Date(), isRollback: false, beforeWriting: async () => undefined };
    const prepared = await prepare(
      target,
      { stages: staged(web, hours > 0 ? 60_000 : 200), inventory, policy, unseal },
      never,
    );
    const counts = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
    const healthy = { ...counts, conditions: [{ type: "Available", status: "True" }] };
    fake.refuse = () => {
      vi.setSystemTime(Date.now() + hours * 3_600_000);
      if (hours > 0) setTimeout(() => fake.put({ ...web, status: healthy }), 50);
      return undefined;
    };
    const advanced = advance(target, prepared, run, never);
    if (hours > 0)
      expect(await advanced).toMatchObject({ inventory: { entries: [{ id: "shop_web_apps_Deployment" }] } });
    else await expect(advanced).rejects.toMatchObject({ code: "HealthTimeout" });
  },
);
