import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { isCall, type MortalAgent, startMortalAgent } from "../../support/agent/mortal-agent.ts";
import { createDice } from "../../support/faults/dice.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { startWorld, type World } from "../../support/world.ts";
import { claim, commitFolder, configMap, deployment, following, labelled, namespace, owned } from "../shop.ts";

const seed = 20_26;
const rounds = 6;

/** What is in every revision. */
const always = {
  "namespace.yaml": namespace("shop"),
  "settings.yaml": configMap("settings", "constant"),
};
const revision = (name: string) => ({
  ...always,
  "web.yaml": deployment("web", `web:${name}`),
  [`only-${name}.yaml`]: configMap(`only-${name}`, name),
});
const inventoryOf = (name: string) => [
  "_shop__Namespace",
  `shop_only-${name}__ConfigMap`,
  "shop_settings__ConfigMap",
  "shop_web_apps_Deployment",
];

describe(`an agent that is killed at random requests (seed ${seed})`, { timeout: 300_000 }, () => {
  let world: World;
  let agent: MortalAgent;
  let tree: WorkTree;
  const dice = createDice(seed);
  const calls = { rollout: 0, rollback: 0 };
  const signal = new AbortController().signal;
  const survivors = new Map<string, string | undefined>();

  const commit = (files: Readonly<Record<string, string>>) => commitFolder(tree, "app", files);
  const uidOf = async (kind: string, name: string) => (await world.get(kind, "shop", name))?.metadata.uid;

  /** What no rollout and no rollback may touch. */
  async function expectBystandersUntouched(): Promise<void> {
    for (const [key, uid] of survivors) {
      const [kind = "", name = ""] = key.split("/");
      expect({ key, uid: await uidOf(kind, name) }).toEqual({ key, uid });
    }
  }

  beforeAll(async () => {
    world = await startWorld();
    agent = await startMortalAgent(world);
    const repository = await world.repository("environment");
    tree = repository.tree;
    const kept = configMap("kept", "", { annotations: { "mooring.dev/prune": "disabled" } });
    await commit({ ...revision("0"), "kept.yaml": kept });
    await world.environment("shop", { ...following(repository.url, "app"), timeout: "60s" });
    await world.condition("shop", "Ready", { status: "True" });
    const bystander = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "bystander", namespace: "shop" } };
    await world.admin.apply(bystander, { dryRun: false, force: true, fieldManager: "test" }, signal);
    for (const key of ["ConfigMap/bystander", "ConfigMap/kept", "ConfigMap/settings", "Namespace/shop"]) {
      const [kind = "", name = ""] = key.split("/");
      survivors.set(
        key,
        kind === "Namespace" ? (await world.get(kind, "", name))?.metadata.uid : await uidOf(kind, name),
      );
    }
  });
  afterAll(async () => {
    await agent?.stop();
    await world?.stop();
  });

  /** The first one of a kind lives, and shows how many calls there are in which to kill the others. */
  const killSomewhere = (round: string, calls: number) => agent.killAt(round === "1" ? 0 : dice(calls), isCall);

  it.each(names(""))("arrives at revision %s", async (name) => {
    const seen = killSomewhere(name, calls.rollout);
    const sha = await commit(revision(name));
    await world.condition("shop", "Ready", { status: "True", revision: sha });
    if (name === "1") calls.rollout = seen();
    expect(await owned(world, "shop")).toEqual(inventoryOf(name));
    expect(await labelled(world, "shop")).toEqual([...inventoryOf(name), "shop_kept__ConfigMap"].sort());
    await expectBystandersUntouched();
  });

  it.each(names("bad-"))("goes back from %s", async (name) => {
    const seen = killSomewhere(name.slice(4), calls.rollback);
    const before = (await world.status("shop")).lastHealthyRevision;
    const bad = { ...always, "web.yaml": deployment("web", `${name}:missing`), "new.yaml": configMap(name, name) };
    const sha = await commit({ ...bad, "claim.yaml": claim("data") });
    const status = await world.condition("shop", "Ready", { reason: "RolledBack", revision: sha });
    if (name === "bad-1") calls.rollback = seen();
    expect(status.failedRevision).toBe(`main@sha1:${sha}`);
    expect(status).toMatchObject({ lastHealthyRevision: before, lastAppliedRevision: before });
    // A rollback keeps a claim, and remembers it.
    const back = [...inventoryOf(String(rounds)), "shop_data__PersistentVolumeClaim"].sort();
    expect(await owned(world, "shop")).toEqual(back);
    expect(await labelled(world, "shop")).toEqual([...back, "shop_kept__ConfigMap"].sort());
    await expectBystandersUntouched();
    const message = status.conditions?.find(({ type }) => type === "Ready")?.message ?? "";
    expect(message).toMatch(/^revision main@sha1:.{7} failed: \S+: Deployment\/shop\/web: ImagePullBackOff/);
  });

  it("was killed every time, and goes on with the next commit", async () => {
    expect(agent.deaths()).toBeGreaterThanOrEqual(rounds);
    agent.proxy.inject();
    const sha = await commit(revision("last"));
    await world.condition("shop", "Ready", { status: "True", revision: sha });
  });
});

function names(prefix: string): readonly string[] {
  return Array.from({ length: rounds }, (_, round) => `${prefix}${round + 1}`);
}
