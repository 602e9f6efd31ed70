import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { apiVersion, ownerLabels } from "../../../src/api/names.ts";
import type { JsonObject } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { isWrite, type MortalAgent, startMortalAgent } from "../../support/agent/mortal-agent.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { applyAsTest, commitFolder, configMap, deployment, labelled, owned } from "../shop.ts";

type Files = Readonly<Record<string, string>>;

/** What moves: what serves, what holds data, and a plain one. */
const moving = [
  ["ConfigMap", "settings"],
  ["Deployment", "web"],
  ["PersistentVolumeClaim", "data"],
] as const;
const ids = ["shop_data__PersistentVolumeClaim", "shop_settings__ConfigMap", "shop_web_apps_Deployment"];
const claim = `apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {accessModes: [ReadWriteOnce], storageClassName: "", resources: {requests: {storage: 1Mi}}}
`;
/** What binds the claim, once. */
const volume: KubeObject = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "data" },
  spec: {
    accessModes: ["ReadWriteOnce"],
    capacity: { storage: "1Mi" },
    claimRef: { namespace: "shop", name: "data" },
    hostPath: { path: "/nowhere" },
  },
};
const things: Files = {
  "settings.yaml": configMap("settings", "constant"),
  "web.yaml": deployment("web", "web:1"),
  "data.yaml": claim,
};
/** What stays where it is, so that no Environment is ever left with nothing. */
const own = (name: string): Files => ({ "own.yaml": configMap(`own-${name}`, "x") });

describe("an object that moves from one Environment to another", { timeout: 300_000 }, () => {
  let world: World;
  let agent: MortalAgent;
  let tree: WorkTree;
  let url: string;
  let before: JsonObject;

  /** Follows the one repository. With another `ignore` it has a poll of its own, so that it may learn later of a commit. */
  const create = (name: string, interval: string, ignore = "*.none") =>
    world.environment(name, {
      source: { url, ref: { branch: "main" }, ignore },
      path: `./${name}`,
      interval,
      retryInterval: "300ms",
      timeout: "60s",
    });
  /** One commit in which `holder` has the things and the other one does not. */
  async function commit(holder: string, others: readonly string[], more: Files = {}): Promise<string> {
    for (const name of others) await commitFolder(tree, name, own(name)).then(() => undefined);
    return commitFolder(tree, holder, { ...own(holder), ...things, ...more });
  }
  /** As `commit`, in a single push: nobody ever sees a revision in which both have the things, or none. */
  async function move(from: string, to: string, more: Files = {}): Promise<string> {
    const gone = Object.fromEntries(Object.keys(things).map((file) => [`${from}/${file}`, undefined]));
    const come = Object.entries({ ...things, ...more }).map(([file, text]) => [`${to}/${file}`, text]);
    return tree.commit({ ...gone, ...Object.fromEntries(come) }, `move from ${from} to ${to}`);
  }
  async function uids(): Promise<JsonObject> {
    const found = await Promise.all(
      moving.map(async ([kind, name]) => [name, (await world.get(kind, "shop", name))?.metadata.uid ?? "none"]),
    );
    return Object.fromEntries(found);
  }
  /** All of it is at one Environment, the very same objects, and nobody ever asked for their deletion. */
  async function expectAt(name: string, other: string): Promise<void> {
    await eventually(async () => (await owned(world, other)).length === 1, {
      what: `${other} to let go`,
      timeout: 60_000,
    });
    expect(await owned(world, name)).toEqual([`shop_own-${name}__ConfigMap`, ...ids].sort());
    expect(await labelled(world, name)).toEqual([`shop_own-${name}__ConfigMap`, ...ids].sort());
    expect(await uids()).toEqual(before);
    const deleted = agent.proxy.requests.filter(({ method }) => method === "DELETE").map(({ path }) => path);
    expect(deleted.filter((path) => /\/(settings|web|data)$/.test(path))).toEqual([]);
  }

  beforeAll(async () => {
    world = await startWorld();
    agent = await startMortalAgent(world);
    ({ url, tree } = await world.repository("environments"));
    await applyAsTest(world, { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
    await applyAsTest(world, volume);
    await commit("left", ["right"]);
    await create("left", "300ms");
    await create("right", "300ms");
    await world.condition("left", "Ready", { status: "True" });
    await world.condition("right", "Ready", { status: "True" });
    before = await uids();
  });
  afterAll(async () => {
    await agent?.stop();
    await world?.stop();
  });

  it("keeps its identity when both learn of it at once", async () => {
    const sha = await move("left", "right");
    await world.condition("right", "Ready", { status: "True", revision: sha });
    await world.condition("left", "Ready", { status: "True", revision: sha });
    await expectAt("right", "left");
  });

  it("keeps it when the old one learns of it first", async () => {
    await create("left", "1h", "*.later");
    await world.condition("left", "Ready", { status: "True" });
    const sha = await move("right", "left");
    await world.condition("right", "Ready", { status: "True", revision: sha });
    await world.condition("left", "Ready", { status: "True", revision: sha });
    await expectAt("left", "right");
  });

  it("keeps it when the new one learns of it first, also one by one", async () => {
    // So that the old one, which wants no Deployment any more, has looked before it has gone.
    agent.proxy.inject((request) =>
      isWrite(request) && request.path.endsWith("/deployments/web") ? { kind: "latency", ms: 1_500 } : undefined,
    );
    const sha = await move("left", "right");
    await world.condition("right", "Ready", { status: "True", revision: sha });
    await expectAt("right", "left");
    agent.proxy.inject();
    await create("left", "300ms");
    await world.condition("left", "Ready", { status: "True", revision: sha });
  });

  it("keeps it whenever the agent is killed, at every single write", { timeout: 900_000 }, async () => {
    let [from, to] = ["right", "left"];
    for (let n = 1; ; n += 1) {
      const reached = agent.killAt(n, isWrite);
      const sha = await move(from, to);
      await world.condition(to, "Ready", { status: "True", revision: sha });
      await world.condition(from, "Ready", { status: "True", revision: sha });
      await expectAt(to, from);
      [from, to] = [to, from];
      if (reached() < n) break;
    }
    agent.proxy.inject();
    expect(agent.deaths()).toBeGreaterThan(3);
    // The following tests begin on the left.
    if (from === "right") {
      const sha = await move("right", "left");
      await world.condition("left", "Ready", { status: "True", revision: sha });
    }
    await expectAt("left", "right");
  });

  it("is refused by name while both want it, and moves as soon as the other one lets it go", async () => {
    const both = await commitFolder(tree, "right", { ...own("right"), ...things });
    const refused = await world.condition("right", "Ready", { status: "False", reason: "ValidationFailed" });
    expect(refused.conditions?.find(({ type }) => type === "Ready")?.message).toContain(
      "Deployment/shop/web: belongs to Environment mooring-system/left",
    );
    await world.condition("left", "Ready", { status: "True", revision: both });
    expect(await uids()).toEqual(before);
    const sha = await commitFolder(tree, "left", own("left"));
    await world.condition("right", "Ready", { status: "True", revision: sha });
    await expectAt("right", "left");
  });

  it("survives that the revision which moves it fails at the new one, and comes back", async () => {
    const sha = await move("right", "left", { "bad.yaml": deployment("bad", "bad:missing") });
    await world.condition("left", "Ready", { reason: "RolledBack", revision: sha });
    expect(await world.get("Deployment", "shop", "bad")).toBeUndefined();
    expect(await uids()).toEqual(before);
    const back = await tree.commit(
      {
        ...Object.fromEntries(Object.entries(things).map(([file, text]) => [`right/${file}`, text])),
        ...Object.fromEntries([...Object.keys(things), "bad.yaml"].map((file) => [`left/${file}`, undefined])),
      },
      "move back",
    );
    await world.condition("right", "Ready", { status: "True", revision: back });
    await expectAt("right", "left");
  });

  it("outlives an Environment that is deleted while another one wants it", async () => {
    await create("third", "300ms");
    await commitFolder(tree, "third", { ...own("third"), ...things });
    await world.condition("third", "Ready", { status: "False", reason: "ValidationFailed" });
    const ref = { apiVersion, kind: "Environment", namespace: "mooring-system", name: "right" };
    await world.admin.delete(ref, { propagation: "Background" }, new AbortController().signal);
    await world.condition("third", "Ready", { status: "True" });
    expect(await uids()).toEqual(before);
    expect((await world.get("Deployment", "shop", "web"))?.metadata.labels?.[ownerLabels.name]).toBe("third");
    await eventually(async () => (await world.get("ConfigMap", "shop", "own-right")) === undefined, {
      what: "what only the deleted one wanted to go with it",
    });
  });
});
