import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiVersion, environmentAnnotations } from "../../src/api/names.ts";
import { eventually } from "../support/wait.ts";
import type { WorkTree } from "../support/work-tree.ts";
import { startWorld, type World } from "../support/world.ts";
import { commitFolder, configMap, labelled, namespace, owned } from "./shop.ts";

describe("an etcd that was restored from a backup", { timeout: 180_000 }, () => {
  let world: World;
  let tree: WorkTree;
  const ids = (...names: readonly string[]) => ["_shop__Namespace", ...names.map((name) => `shop_${name}__ConfigMap`)];
  const dataOf = async (name: string) => (await world.get("ConfigMap", "shop", name))?.data;

  beforeAll(async () => {
    world = await startWorld({ schedulerAndControllers: false });
    world.startAgent();
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
    await world.controlPlane.restore();
    expect(await labelled(world, "shop")).toEqual(ids("kept", "pruned"));
    await eventually(
      async () => JSON.stringify(await labelled(world, "shop")) === JSON.stringify(ids("kept", "made")),
      {
        what: "the cluster to be as Git says",
        timeout: 60_000,
      },
    );
    await world.condition("shop", "Ready", { status: "True", revision: sha });
    expect(await dataOf("kept")).toEqual({ value: "new" });
    expect(await owned(world, "shop")).toEqual(ids("kept", "made"));
  });

  /** As `mooring reconcile` does. */
  async function lookNow(): Promise<void> {
    const ref = { apiVersion, kind: "Environment", namespace: "mooring-system", name: "shop" };
    const body = { metadata: { annotations: { [environmentAnnotations.requestedAt]: new Date().toISOString() } } };
    await world.admin.patch(ref, { type: "merge", body }, {}, new AbortController().signal);
  }
});
