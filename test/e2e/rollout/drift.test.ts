import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { refOf } from "../../../src/cluster/index.ts";
import type { JsonObject } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { runMooring } from "../../cli/run-mooring.ts";
import { isCall, isWrite, type MortalAgent, startMortalAgent } from "../../support/agent/mortal-agent.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { commitFolder, configMap, deployment, namespace } from "../shop.ts";

const canary = "canary-value";

describe("drift", () => {
  let world: World;
  let agent: MortalAgent;
  let tree: WorkTree;
  let url: string;
  const signal = new AbortController().signal;
  const create = (name: string, more: JsonObject = {}) =>
    world.environment(name, {
      source: { url, ref: { branch: "main" } },
      path: `./${name}`,
      interval: "200ms",
      retryInterval: "200ms",
      ...more,
    });
  const object = (kind: string, where: string, name: string): KubeObject => ({
    apiVersion: kind === "Deployment" ? "apps/v1" : "v1",
    kind,
    metadata: { name, namespace: where },
  });
  /** As somebody with rights of their own does. */
  const tamper = (target: KubeObject, body: JsonObject) =>
    world.admin.patch(refOf(target), { type: "merge", body }, { fieldManager: "someone" }, signal);
  const files = (name: string) => ({
    "ns.yaml": namespace(name),
    "web.yaml": deployment("web", "web:1", { namespace: name }),
    "settings.yaml": configMap("settings", "wanted", { namespace: name }),
    "secret.yaml": `apiVersion: v1\nkind: Secret\nmetadata: {name: db, namespace: ${name}}\nstringData: {password: wanted}\n`,
  });
  /** Waits until the agent has asked Git so many times more. */
  async function passes(count: number): Promise<void> {
    const before = world.git.requests.length;
    await eventually(() => world.git.requests.length - before > count, { what: "passes", timeout: 60_000 });
  }

  beforeAll(async () => {
    world = await startWorld();
    agent = await startMortalAgent(world);
    ({ url, tree } = await world.repository("environments"));
    // Made once, at some time after the start: a write that is nobody's drift.
    const isKey = ({ method, path }: { readonly method: string; readonly path: string }) =>
      method === "POST" && path === "/api/v1/namespaces/mooring-system/secrets";
    await eventually(() => agent.proxy.requests.some(isKey), { what: "the sealing key" });
  });
  afterAll(async () => {
    await agent?.stop();
    await world?.stop();
  });

  it("reported: nothing is written, and every field is listed with both values, its manager and since when", async () => {
    await commitFolder(tree, "report", files("report"));
    await create("report", { drift: "report" });
    await world.condition("report", "Ready", { status: "True" });
    const uid = (await world.get("Deployment", "report", "web"))?.metadata.uid;
    await tamper(object("Deployment", "report", "web"), { spec: { replicas: 3 } });
    await tamper(object("ConfigMap", "report", "settings"), { data: { value: "other" } });
    await tamper(object("Secret", "report", "db"), { stringData: { password: canary } });
    const status = await eventually(
      async () => {
        const current = await world.status("report");
        return current.drift?.length === 3 ? current : undefined;
      },
      { what: "three drifted fields" },
    );
    const listed = new Map(status.drift?.map((entry) => [entry.object, entry]));
    const common = { manager: "someone", since: expect.any(String) };
    expect(listed.get("Deployment/report/web")).toMatchObject({
      ...common,
      path: "/spec/replicas",
      want: "1",
      live: "3",
    });
    expect(listed.get("ConfigMap/report/settings")).toMatchObject({
      ...common,
      path: "/data/value",
      want: "wanted",
      live: "other",
    });
    expect(listed.get("Secret/report/db")).toMatchObject({ ...common, path: "/data/password" });
    // Three replicas take a moment longer than one.
    const calm = await world.condition("report", "Ready", { status: "True" });
    const ready = calm.conditions?.find(({ type }) => type === "Ready");
    expect(ready?.message).toMatch(/; drifted: .* and 2 more differ from the repository$/);
    expect(JSON.stringify(status)).not.toMatch(/canary|Y2FuYXJ5|d2FudGVk/);
    expect(agent.log()).not.toMatch(/canary|Y2FuYXJ5/);

    const since = listed.get("Deployment/report/web")?.since;
    const seen = agent.proxy.requests.length;
    await passes(10);
    const writes = agent.proxy.requests.slice(seen).filter(isWrite);
    // What the agent writes about itself, an Event about a Git server that was slow for instance, is not meant.
    expect(writes.filter(({ path }) => path.includes("/namespaces/report"))).toEqual([]);
    const later = await world.status("report");
    expect(later.drift?.find(({ path }) => path === "/spec/replicas")?.since).toBe(since);
    const live = await world.get("Deployment", "report", "web");
    expect(live).toMatchObject({ metadata: { uid }, spec: { replicas: 3 } });

    await world.admin.delete(refOf(object("Deployment", "report", "web")), { propagation: "Background" }, signal);
    const gone = await world.condition("report", "Ready", { status: "False", reason: "HealthFailed" });
    const words = (type: string) => gone.conditions?.find((each) => each.type === type);
    expect(words("Ready")?.message).toBe("Deployment/report/web: does not exist");
    expect(words("Healthy")?.status).toBe("False");
    expect(words("Drifted")?.status).toBe("True");
    const env = { KUBECONFIG: world.controlPlane.kubeconfig };
    expect((await runMooring(["get", "env", "report"], { env })).stdout).toMatch(
      /^report +False .*web: does not exist/m,
    );

    await create("report", { drift: "correct" });
    await eventually(async () => (await world.status("report")).drift === undefined, { what: "no drift" });
    expect(await world.get("Deployment", "report", "web")).toMatchObject({ spec: { replicas: 1 } });
  });

  it("corrected: what was changed, taken away, or deleted is as it was", async () => {
    await commitFolder(tree, "correct", files("correct"));
    await create("correct");
    await world.condition("correct", "Ready", { status: "True" });
    await tamper(object("ConfigMap", "correct", "settings"), { data: { value: null } });
    await tamper(object("Deployment", "correct", "web"), { spec: { replicas: 0 } });
    await world.admin.delete(refOf(object("Secret", "correct", "db")), { propagation: "Background" }, signal);
    const whole = async () => {
      const settings = await world.get("ConfigMap", "correct", "settings");
      const web = await world.get("Deployment", "correct", "web");
      const secret = await world.get("Secret", "correct", "db");
      return secret !== undefined && JSON.stringify(settings?.data).includes("wanted") && web?.spec !== undefined
        ? (web.spec as JsonObject).replicas === 1
        : false;
    };
    await eventually(whole, { what: "everything to be set right" });
    await world.condition("correct", "Ready", { status: "True" });
  });

  it("none: many passes cost the API server nothing", async () => {
    await commitFolder(tree, "quiet", files("quiet"));
    await create("quiet");
    await world.condition("quiet", "Ready", { status: "True" });
    await world.condition("report", "Ready", { status: "True" });
    await world.condition("correct", "Ready", { status: "True" });
    await passes(10);
    const seen = agent.proxy.requests.length;
    await passes(60);
    const calls = agent.proxy.requests.slice(seen).filter(isCall);
    expect(calls.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});
