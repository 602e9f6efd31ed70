import assert from "node:assert/strict";
import { type MortalAgent, startMortalAgent } from "../../support/agent/mortal-agent.ts";
import { startDeploymentController } from "../../support/control-plane/deployment-controller.ts";
import type { ProxiedRequest } from "../../support/faults/fault-proxy.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { startWorld, type World } from "../../support/world.ts";
import { commitFolder, configMap, deployment, following, labelled, owned } from "../shop.ts";

/** A small environment whose agent is killed at chosen calls. Every method throws when the end is not as it must be. */
export interface CrashScene {
  /** Rolls a new revision out (create, update, delete) and kills the agent at the n-th call. False: there are fewer calls. */
  readonly rollOut: (n: number) => Promise<boolean>;
  /** The same for a revision that fails, until it is rolled back. */
  readonly rollBack: (n: number) => Promise<boolean>;
  readonly stop: () => Promise<void>;
}

/** Opens a scene in which the calls that count are those that the predicate picks. */
export async function openCrashScene(counts: (request: ProxiedRequest) => boolean): Promise<CrashScene> {
  const world = await startWorld({ schedulerAndControllers: false });
  const controller = startDeploymentController(world.controlPlane);
  const agent = await startMortalAgent(world);
  const { url, tree } = await world.repository("environment");
  await applyAll(world, [
    { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } },
    { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "bystander", namespace: "shop" } },
  ]);
  const kept = configMap("kept", "", { annotations: { "mooring.dev/prune": "disabled" } });
  await commitFolder(tree, "app", { ...revision("zero"), "kept.yaml": kept });
  await world.environment("shop", { ...following(url, "app"), timeout: "30s" });
  await world.condition("shop", "Ready", { status: "True" });
  const untouched = await uids(world);
  return {
    ...scenes({ world, agent, tree, counts, untouched, live: "zero" }),
    async stop() {
      await agent.stop();
      await controller.stop();
      await world.stop();
    },
  };
}

interface Scene {
  readonly world: World;
  readonly agent: MortalAgent;
  readonly tree: WorkTree;
  readonly counts: (request: ProxiedRequest) => boolean;
  readonly untouched: object;
  live: string;
}

function scenes(scene: Scene): Pick<CrashScene, "rollOut" | "rollBack"> {
  const { world, agent, tree, counts } = scene;
  return {
    async rollOut(n) {
      const next = `out-${n}`;
      const reached = agent.killAt(n, counts);
      const sha = await commitFolder(tree, "app", revision(next));
      await world.condition("shop", "Ready", { status: "True", revision: sha });
      await expectOnly(scene, [scene.live, next], next);
      scene.live = next;
      return reached() >= n;
    },
    async rollBack(n) {
      const { lastHealthyRevision } = await world.status("shop");
      const bad = `back-${n}`;
      const reached = agent.killAt(n, counts);
      const sha = await commitFolder(tree, "app", { ...revision(bad), "web.yaml": deployment("web", `${bad}:bad`) });
      const status = await world.condition("shop", "Ready", { reason: "RolledBack", revision: sha });
      assert.equal(status.failedRevision, `main@sha1:${sha}`);
      assert.equal(status.lastAppliedRevision, lastHealthyRevision);
      assert.equal(status.lastHealthyRevision, lastHealthyRevision);
      const message = status.conditions?.find(({ type }) => type === "Ready")?.message ?? "";
      assert.match(message, /^revision main@sha1:.{7} failed: \S+: Deployment\/shop\/web: ProgressDeadlineExceeded: /);
      await expectOnly(scene, [bad], scene.live);
      return reached() >= n;
    },
  };
}

/** Exactly one revision is there and owned, and nothing was ever deleted but what only the others had. */
async function expectOnly(scene: Scene, others: readonly string[], name: string): Promise<void> {
  const { world, agent } = scene;
  const inventory = [`shop_only-${name}__ConfigMap`, "shop_settings__ConfigMap", "shop_web_apps_Deployment"];
  assert.deepEqual(await owned(world, "shop"), inventory);
  assert.deepEqual(await labelled(world, "shop"), [...inventory, "shop_kept__ConfigMap"].sort());
  assert.deepEqual(await uids(world), scene.untouched);
  const deleted = agent.proxy.requests.filter(({ method }) => method === "DELETE").map(({ path }) => path);
  const allowed = [...others, "out-", "back-", "zero"].map((each) => `/api/v1/namespaces/shop/configmaps/only-${each}`);
  for (const path of deleted) {
    assert.ok(
      allowed.some((prefix) => path.startsWith(prefix)),
      `${path} was deleted`,
    );
  }
  const settings = await world.get("ConfigMap", "shop", "settings");
  assert.deepEqual(settings?.data, { value: name });
}

function revision(name: string): Readonly<Record<string, string>> {
  return {
    "settings.yaml": configMap("settings", name),
    [`only-${name}.yaml`]: configMap(`only-${name}`, "x"),
    "web.yaml": deployment("web", `${name}:good`),
  };
}

/** The identities of what no rollout and no rollback may touch. */
async function uids(world: World): Promise<object> {
  const named = [
    ["ConfigMap", "bystander"],
    ["ConfigMap", "kept"],
    ["ConfigMap", "settings"],
    ["Deployment", "web"],
  ] as const;
  const found = await Promise.all(
    named.map(async ([kind, name]) => [name, (await world.get(kind, "shop", name))?.metadata.uid]),
  );
  return Object.fromEntries(found);
}

async function applyAll(world: World, objects: readonly Parameters<World["admin"]["apply"]>[0][]): Promise<void> {
  const options = { dryRun: false, force: true, fieldManager: "test" };
  for (const object of objects) await world.admin.apply(object, options, new AbortController().signal);
}
