import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JsonObject, listAt, numberAt, stringAt } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { isCall, isWrite, type MortalAgent, startMortalAgent } from "../../support/agent/mortal-agent.ts";
import { createDice } from "../../support/faults/dice.ts";
import type { Fault, ProxiedRequest } from "../../support/faults/fault-proxy.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { commitFolder, configMap, deployment, labelled, namespace, owned } from "../shop.ts";

interface Case {
  readonly what: string;
  readonly fault: Fault;
  /** Which requests it may hit; every third of these is. */
  readonly hits: (request: ProxiedRequest) => boolean;
}

const cases: readonly Case[] = [
  { what: "latency", fault: { kind: "latency", ms: 150 }, hits: isCall },
  { what: "connections that break before the request", fault: { kind: "reset" }, hits: () => true },
  { what: "connections that break before the answer", fault: { kind: "lost-response" }, hits: isCall },
  { what: "answers that break off", fault: { kind: "truncated-response" }, hits: isCall },
  { what: "401, as from a token that has run out", fault: { kind: "status", status: 401 }, hits: isCall },
  { what: "409", fault: { kind: "status", status: 409 }, hits: isWrite },
  { what: "429 with Retry-After", fault: { kind: "status", status: 429, retryAfter: 1 }, hits: isCall },
  { what: "500", fault: { kind: "status", status: 500 }, hits: isCall },
  { what: "503", fault: { kind: "status", status: 503 }, hits: isCall },
  { what: "watches that have expired", fault: { kind: "gone" }, hits: ({ isWatch }) => isWatch },
];

describe("a bad way to the API server", { timeout: 120_000 }, () => {
  let world: World;
  let agent: MortalAgent;
  let tree: WorkTree;
  let url: string;
  const files = (name: string, image: string) => ({
    "ns.yaml": namespace("shop"),
    "settings.yaml": configMap("settings", name),
    [`only-${name}.yaml`]: configMap(`only-${name}`, "x"),
    "web.yaml": deployment("web", image),
  });
  const create = (more: JsonObject) =>
    world.environment("shop", {
      source: { url, ref: { branch: "main" } },
      path: "./app",
      interval: "300ms",
      retryInterval: "500ms",
      ...more,
    });
  const outcomes = async () => (await world.status("shop")).history?.map(({ outcome }) => outcome) ?? [];

  async function expectOnly(name: string): Promise<void> {
    const inventory = [
      "_shop__Namespace",
      `shop_only-${name}__ConfigMap`,
      "shop_settings__ConfigMap",
      "shop_web_apps_Deployment",
    ];
    expect(await owned(world, "shop")).toEqual(inventory);
    expect(await labelled(world, "shop")).toEqual(inventory);
  }

  beforeAll(async () => {
    world = await startWorld();
    agent = await startMortalAgent(world);
    const repository = await world.repository("environment");
    tree = repository.tree;
    await commitFolder(tree, "app", files("zero", "web:0"));
    url = repository.url;
    await create({ timeout: "60s" });
    await world.condition("shop", "Ready", { status: "True" });
  });
  afterAll(async () => {
    await agent?.stop();
    await world?.stop();
  });

  it.each(cases)("$what: arrives at the newest commit, and never goes back", async ({ what, fault, hits }) => {
    const dice = createDice(what.length);
    agent.proxy.inject((request) => (hits(request) && dice(3) === 1 ? fault : undefined));
    const name = what.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
    await commitFolder(tree, "app", files(`${name}-1`, "web:1"));
    const sha = await commitFolder(tree, "app", files(name, `web:${name}`));
    if (fault.kind === "gone") agent.proxy.expireWatches();
    if (fault.kind === "reset") agent.proxy.dropConnections();
    await world.condition("shop", "Ready", { status: "True", revision: sha });
    agent.proxy.inject();
    await expectOnly(name);
    expect(await outcomes()).not.toContain("RolledBack");
  });

  it("watches that are seconds behind: what they still show is neither restored nor deleted", async () => {
    const uid = async () => (await world.get("Deployment", "shop", "web"))?.metadata.uid;
    const before = await uid();
    agent.proxy.inject(({ isWatch }) => (isWatch ? { kind: "delayed-events", ms: 2_000 } : undefined));
    agent.proxy.dropConnections();
    for (const name of ["late-1", "late-2", "late-3"]) {
      const sha = await commitFolder(tree, "app", files(name, `web:${name}`));
      // The second one comes while the first is still waited for.
      if (name === "late-1") await world.condition("shop", "Reconciling", { status: "True", revision: sha });
      else await world.condition("shop", "Ready", { status: "True", revision: sha });
    }
    await expectOnly("late-3");
    agent.proxy.inject();
    agent.proxy.dropConnections();
    expect(await uid()).toBe(before);
    expect(await outcomes()).not.toContain("RolledBack");
  });

  it("an API server that is away at the deadline does not count against the revision", async () => {
    await create({ timeout: "10s" });
    await world.condition("shop", "Ready", { status: "True" });
    const sha = await commitFolder(tree, "app", files("away", "web:slow-12s"));
    // The outage begins in the wait for health, not before the write: a later write would start the time anew.
    await eventually(async () => runs(await world.get("Deployment", "shop", "web"), "web:slow-12s"), {
      what: "the pod of the new revision",
    });
    const { attempt } = await world.status("shop");
    agent.proxy.inject(() => ({ kind: "reset" }));
    agent.proxy.dropConnections();
    const back = Date.parse(attempt?.started ?? "") + 11_000;
    await eventually(() => Date.now() > back, { what: "the deadline to pass" });
    agent.proxy.inject();
    const status = await world.condition("shop", "Ready", { status: "True", revision: sha });
    expect(status.failedRevision).toBeUndefined();
    expect(await outcomes()).not.toContain("RolledBack");
    await expectOnly("away");
  });

  it("a watch that is open and deaf does not keep a rollout waiting", async () => {
    await create({ timeout: "300s" });
    await world.condition("shop", "Ready", { status: "True" });
    agent.proxy.deafen((path) => path.startsWith("/apis/apps/v1/deployments"));
    const sha = await commitFolder(tree, "app", files("deaf", "web:deaf"));
    await world.condition("shop", "Ready", { status: "True", revision: sha });
    expect(await outcomes()).not.toContain("RolledBack");
    await expectOnly("deaf");
  });

  it("Git that is away holds up neither a rollout nor a rollback", async () => {
    await create({ timeout: "60s" });
    const before = await world.condition("shop", "Ready", { status: "True" });
    const sha = await commitFolder(tree, "app", files("last", "web:unready"));
    await world.condition("shop", "Reconciling", { status: "True", revision: sha });
    await create({ timeout: "5s" });
    await world.git.stop();
    const status = await eventually(
      async () => {
        const current = await world.status("shop");
        return current.history?.[0]?.outcome === "RolledBack" ? current : undefined;
      },
      { what: "the rollback without Git", timeout: 60_000 },
    );
    expect(status).toMatchObject({
      failedRevision: `main@sha1:${sha}`,
      lastAppliedRevision: before.lastHealthyRevision,
    });
    await expectOnly("deaf");
  });
});

/** Whether a Deployment has got as far as a pod with an image. */
function runs(deployment: KubeObject | undefined, image: string): boolean {
  const [container] = listAt(deployment, "spec", "template", "spec", "containers");
  const seen = numberAt(deployment, "status", "observedGeneration") === deployment?.metadata.generation;
  return seen && stringAt(container, "image") === image && numberAt(deployment, "status", "updatedReplicas") === 1;
}
