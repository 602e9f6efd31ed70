import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Environment } from "../../../src/api/environment/environment.ts";
import { apiVersion } from "../../../src/api/names.ts";
import { stringAt } from "../../../src/model/json/json.ts";
import type { AgentProcess } from "../../support/agent/agent-process.ts";
import { type Attackers, startAttackers } from "../../support/attackers.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";

const never = new AbortController().signal;
const app = (value: string) => ({
  "kustomization.yaml": "resources: [ns.yaml, a.yaml]\n",
  "ns.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n",
  "a.yaml": `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: shop, namespace: shop}\ndata: {value: ${value}}\n`,
});

describe("while tenants attack, by time, by memory, by number and by a cluster that never stops talking", () => {
  let world: World;
  let agent: AgentProcess;
  let attackers: Attackers;

  beforeAll(async () => {
    world = await startWorld();
    agent = world.startAgent("--no-leader-election");
  });
  afterAll(async () => {
    await world?.stop();
    await attackers?.stop();
  });

  it("the commits of another get live, and the agent goes on", { timeout: 600_000 }, async () => {
    const { url, tree } = await world.repository("shop");
    const live = (value: string) =>
      eventually(async () => stringAt(await world.get("ConfigMap", "shop", "shop"), "data", "value") === value, {
        what: `the value ${value}`,
        timeout: 120_000,
      });
    await tree.commit(app("one"), "One");
    await world.environment("shop", { source: { url }, path: ".", interval: "2s" });
    await live("one");
    attackers = await startAttackers(world);
    for (const value of ["two", "three", "four"]) {
      await attackers.attack();
      await tree.commit(app(value), value);
      await live(value);
    }
    expect(agent.exited()).toBe(false);
  });

  it("each of them is told what is wrong with what it supplied, and nobody else", { timeout: 300_000 }, async () => {
    const told = async (name: string) => {
      const ref = { apiVersion, kind: "Environment", namespace: name, name };
      const { status } = ((await world.admin.get(ref, never)) ?? {}) as unknown as Partial<Environment>;
      return status?.conditions?.find(({ type, status: is }) => type === "Ready" && is === "False");
    };
    const reasons = new Map<string, string>();
    await eventually(
      async () => {
        for (const each of attackers.environments) {
          const [, name = ""] = each.split("/");
          const ready = await told(name);
          if (ready !== undefined && ready.reason !== "Progressing")
            reasons.set(name, `${ready.reason}: ${ready.message}`);
        }
        return reasons.size === attackers.environments.length;
      },
      { what: "every attacker to be told", timeout: 240_000 },
    ).catch((thrown: unknown) => {
      throw new Error(`${thrown}: ${JSON.stringify([...reasons])}\n${agent.log().slice(-6_000)}`);
    });
    expect(reasons.get("takes-time")).toMatch(/^RenderFailed: .*(takes longer than|more memory than)/);
    expect(reasons.get("takes-memory")).toMatch(
      /^RenderFailed: .*(copies more than|takes longer than|more memory than|larger than 4 MiB)/,
    );
    expect(reasons.get("multiplies")).toMatch(/^RenderFailed: /);
    expect(reasons.get("never-ends")).toMatch(/^ClusterUnreachable: .*answers with more than/);
    await world.condition("shop", "Ready", { status: "True" });
    expect(agent.exited()).toBe(false);
  });
});
