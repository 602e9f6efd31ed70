import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiVersion, environmentAnnotations } from "../../../src/api/names.ts";
import type { AgentProcess } from "../../support/agent/agent-process.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { commitFolder, configMap, labelled, namespace, owned } from "../shop.ts";

describe("an etcd that was restored from a backup", { timeout: 180_000 }, () => {
  let world: World;
  let agent: AgentProcess;
  let tree: WorkTree;
  const ids = (...names: readonly string[]) => ["_shop__Namespace", ...names.map((name) => `shop_${name}__ConfigMap`)];
  const dataOf = async (name: string) => (await world.get("ConfigMap", "shop", name))?.data;

  beforeAll(async () => {
    world = await startWorld({ schedulerAndControllers: false });
    // Whose lease ran out while the API server was away starts anew, and remembers nothing that could be wrong.
    agent = world.startAgent("--no-leader-election");
    const repository = await world.repository("environment");
    tree = repository.tree;
    const files = { "kept.yaml": configMap("kept", "old"), "pruned.yaml": configMap("pruned", "x") };
    await commitFolder(tree, "app", { "ns.yaml": namespace("shop"), ...files });
    // Nothing but the watches tells the agent of what happens.
    await world.environment("shop", {
      source: { url: repository.url, ref: { branch: "main" } },
      path: "./app",
      interval: "1h",
      retryInterval: "1h",
    });
    await world.condition("shop", "Ready", { status: "True" });
  });
  afterAll(() => world?.stop());

  it("is put right at once: changed back, made again, and pruned again what had been pruned since", async () => {
    await world.controlPlane.backUp();
    const files = { "kept.yaml": configMap("kept", "new"), "made.yaml": configMap("made", "x") };
    const sha = await commitFolder(tree, "app", { "ns.yaml": namespace("shop"), ...files });
    await lookNow();
    await world.condition("shop", "Ready", { status: "True", revision: sha });
    expect(await labelled(world, "shop")).toEqual(ids("kept", "made"));
    const before = agent.log().length;
    await world.controlPlane.restore();
    await putRight(sha, before);
  });

  it("also where the agent sees no more of the API server's absence than that its watches ended", async () => {
    const sha = await tree.git("rev-parse", "HEAD");
    const before = agent.log().length;
    process.kill(agent.pid, "SIGSTOP");
    try {
      await world.controlPlane.restore();
      expect(await labelled(world, "shop")).toEqual(ids("kept", "pruned"));
      expect(await dataOf("kept")).toEqual({ value: "old" });
    } finally {
      process.kill(agent.pid, "SIGCONT");
    }
    await putRight(sha, before);
  });

  async function putRight(sha: string, before: number): Promise<void> {
    const right = JSON.stringify([ids("kept", "made"), ids("kept", "made"), { value: "new" }]);
    const now = async () => [await labelled(world, "shop"), await owned(world, "shop"), await dataOf("kept")];
    await eventually(async () => JSON.stringify(await now()) === right && told(before), {
      what: "the cluster to be as Git says",
      timeout: 60_000,
    }).catch(async (thrown: unknown) => {
      throw new Error(`${thrown}\n${JSON.stringify(await now())}\n${agent.log().slice(before)}`);
    });
    await world.condition("shop", "Ready", { status: "True", revision: sha });
  }

  const told = (before: number) => agent.log().slice(before).includes("the cluster was restored from a backup");

  /** As `mooring reconcile` does. */
  async function lookNow(): Promise<void> {
    const ref = { apiVersion, kind: "Environment", namespace: "mooring-system", name: "shop" };
    const body = { metadata: { annotations: { [environmentAnnotations.requestedAt]: new Date().toISOString() } } };
    await world.admin.patch(ref, { type: "merge", body }, {}, new AbortController().signal);
  }
});
