import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { environmentAnnotations } from "../../../src/api/names.ts";
import type { JsonObject } from "../../../src/model/json/json.ts";
import { listAt, stringAt } from "../../../src/model/json/json.ts";
import type { AgentProcess } from "../../support/agent/agent-process.ts";
import { afterPasses } from "../../support/agent/passes.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { annotate, commitFolder, configMap, deployment, following, messageOf, namespace } from "../shop.ts";

/** A minute that lies as far from now as a year allows. */
function farWindow(): { readonly allow: string; readonly duration: string } {
  const month = ((new Date().getUTCMonth() + 6) % 12) + 1;
  return { allow: `0 0 15 ${month} *`, duration: "1m" };
}

describe("a pin", { timeout: 300_000 }, () => {
  let world: World;
  let agent: AgentProcess;
  let tree: WorkTree;
  let url: string;
  const commit = (name: string, image: string) =>
    commitFolder(tree, name, {
      "ns.yaml": namespace(name),
      "web.yaml": deployment("web", image, { namespace: name }),
      "image.yaml": configMap("image", image, { namespace: name }),
    });
  const create = (name: string, more: JsonObject = {}) =>
    world.environment(name, { ...following(url, name), timeout: "40s", ...more });
  const pin = (name: string, revision: string) => annotate(world, name, environmentAnnotations.pin, revision);
  const imageOf = async (name: string) => {
    const live = await world.get("Deployment", name, "web");
    return stringAt(listAt(live, "spec", "template", "spec", "containers")[0], "image");
  };

  beforeAll(async () => {
    world = await startWorld();
    agent = world.startAgent("--no-leader-election");
    ({ url, tree } = await world.repository("environments"));
  });
  afterAll(() => world?.stop());

  it("to a revision that fails stops there and says so, and goes nowhere else by itself", async () => {
    const good = await commit("chosen", "web:1");
    await create("chosen");
    await world.condition("chosen", "Ready", { status: "True", revision: good });
    const bad = await commit("chosen", "web:missing");
    await world.condition("chosen", "Ready", { reason: "RolledBack", revision: bad });

    await pin("chosen", `main@sha1:${bad}`);
    const stopped = await eventually(
      async () => {
        const status = await world.status("chosen");
        return status.history?.[0]?.outcome === "Failed" ? status : undefined;
      },
      { what: "the pinned revision to fail", timeout: 60_000 },
    );
    expect(await messageOf(world, "chosen")).toMatch(
      /failed: .*ImagePullBackOff.*; it is pinned, so nothing else is rolled out/s,
    );
    expect(stopped.conditions?.find(({ type }) => type === "Stalled")?.status).toBe("True");
    expect(await imageOf("chosen")).toBe("web:missing");
    await afterPasses(agent, "chosen", 3);
    expect((await world.status("chosen")).history).toEqual(stopped.history);
    expect(await imageOf("chosen")).toBe("web:missing");

    await pin("chosen", `main@sha1:${good}`);
    await world.condition("chosen", "Ready", { status: "True", reason: "Pinned" });
    expect(await imageOf("chosen")).toBe("web:1");
  });

  it("does not wait for the schedule, which binds new revisions only", async () => {
    const first = await commit("windows", "web:1");
    await create("windows");
    await world.condition("windows", "Ready", { status: "True", revision: first });
    const second = await commit("windows", "web:2");
    await world.condition("windows", "Ready", { status: "True", revision: second });
    await create("windows", { schedule: [farWindow()] });
    const third = await commit("windows", "web:3");
    const held = await world.condition("windows", "Held", { status: "True", reason: "OutsideSchedule" });
    expect(held.conditions?.find(({ type }) => type === "Held")?.message).toContain(third.slice(0, 7));

    await pin("windows", `main@sha1:${first}`);
    await world.condition("windows", "Ready", { status: "True", reason: "Pinned", revision: first });
    expect(await imageOf("windows")).toBe("web:1");

    // Once the branch is followed again, its newest revision waits for the window as before.
    await pin("windows", "");
    await world.condition("windows", "Held", { status: "True", reason: "OutsideSchedule" });
    expect(await imageOf("windows")).toBe("web:1");
  });

  // The last one: Git does not come back.
  it("to what was last healthy needs no Git", async () => {
    const good = await commit("away", "web:1");
    await create("away", { rollback: "off" });
    await world.condition("away", "Ready", { status: "True", revision: good });
    const bad = await commit("away", "web:missing");
    await world.condition("away", "Stalled", { status: "True", revision: bad });
    expect(await imageOf("away")).toBe("web:missing");
    await world.git.stop();
    await pin("away", `main@sha1:${good}`);
    await world.condition("away", "Ready", { status: "True", reason: "Pinned" });
    expect(await imageOf("away")).toBe("web:1");
  });
});
