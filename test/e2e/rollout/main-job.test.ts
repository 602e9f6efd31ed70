import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listAt, stringAt } from "../../../src/model/json/json.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";

const namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
const deployment = (image: string, replicas = 2, name = "web") => `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}, namespace: shop}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec: {containers: [{name: main, image: "${image}"}]}
`;
const service = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
`;
const kustomization = (...resources: readonly string[]) => `resources: [${resources.join(", ")}]\n`;

describe("the main job, on a real control plane", () => {
  let world: World;
  let tree: WorkTree;
  const imageOf = async () => {
    const live = await world.get("Deployment", "shop", "web");
    return stringAt(listAt(live, "spec", "template", "spec", "containers")[0], "image");
  };

  beforeAll(async () => {
    world = await startWorld({ auditLog: true });
    world.startAgent();
    const repository = await world.repository("environment");
    tree = repository.tree;
    await tree.commit(
      {
        "prod/kustomization.yaml": kustomization("namespace.yaml", "web.yaml", "service.yaml"),
        "prod/namespace.yaml": namespace,
        "prod/web.yaml": deployment("web:1"),
        "prod/service.yaml": service,
      },
      "first",
    );
    await world.environment("prod", {
      source: { url: repository.url, ref: { branch: "main" } },
      path: "./prod",
      interval: "1s",
      retryInterval: "1s",
      timeout: "30s",
    });
  });
  afterAll(() => world?.stop());

  it("rolls the first revision out to healthy", async () => {
    const status = await world.condition("prod", "Ready", { status: "True" });
    expect(status.inventory?.entries.map(({ id }) => id)).toEqual([
      "_shop__Namespace",
      "shop_web__Service",
      "shop_web_apps_Deployment",
    ]);
    expect(status.lastHealthyRevision).toMatch(/^main@sha1:[0-9a-f]{40}$/);
    expect(await imageOf()).toBe("web:1");
  });

  it("rolls a new commit out", async () => {
    const revision = await tree.commit({ "prod/web.yaml": deployment("web:2") }, "second");
    await world.condition("prod", "Ready", { status: "True", revision });
    expect(await imageOf()).toBe("web:2");
  });

  it("sets tampering right", async () => {
    const signal = AbortSignal.timeout(30_000);
    const ref = { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: "web" };
    const options = { fieldManager: "someone" };
    await world.admin.patch(ref, { type: "merge", body: { spec: { replicas: 5 } } }, options, signal);
    await world.admin.delete(
      { apiVersion: "v1", kind: "Service", namespace: "shop", name: "web" },
      { propagation: "Background" },
      signal,
    );
    await eventually(
      async () => (await world.get("Deployment", "shop", "web"))?.spec !== undefined && (await replicas()) === 2,
      {
        what: "the replicas to be set right",
      },
    );
    await eventually(() => world.get("Service", "shop", "web"), { what: "the Service to be made again" });
    async function replicas() {
      const live = await world.get("Deployment", "shop", "web");
      return (live?.spec as { replicas?: number } | undefined)?.replicas;
    }
  });

  it("prunes what is removed", async () => {
    const change = { "prod/kustomization.yaml": kustomization("namespace.yaml", "web.yaml") };
    const revision = await tree.commit(change, "no service");
    const status = await world.condition("prod", "Ready", { status: "True", revision });
    expect(await world.get("Service", "shop", "web")).toBeUndefined();
    expect(status.inventory?.entries.map(({ id }) => id)).toEqual(["_shop__Namespace", "shop_web_apps_Deployment"]);
  });

  it("rolls a bad revision back, names the cause, and goes on with the next commit", async () => {
    const healthy = (await world.status("prod")).lastHealthyRevision;
    const bad = await tree.commit(
      {
        "prod/kustomization.yaml": kustomization("namespace.yaml", "web.yaml", "extra.yaml"),
        "prod/web.yaml": deployment("web:missing"),
        "prod/extra.yaml": deployment("extra:1", 1, "extra"),
      },
      "bad",
    );
    const status = await world.condition("prod", "Ready", { reason: "RolledBack" });
    expect(status.failedRevision).toBe(`main@sha1:${bad}`);
    expect(status.lastAppliedRevision).toBe(healthy);
    const message = status.conditions?.find(({ type }) => type === "Ready")?.message;
    expect(message).toContain("Deployment/shop/web: ImagePullBackOff");
    expect(await imageOf()).toBe("web:2");
    expect(await world.get("Deployment", "shop", "extra")).toBeUndefined();
    expect(status.history?.[0]).toMatchObject({ outcome: "RolledBack", revision: `main@sha1:${bad}` });

    const revision = await tree.commit({ "prod/web.yaml": deployment("web:3") }, "fixed");
    await world.condition("prod", "Ready", { status: "True", revision });
    expect(await imageOf()).toBe("web:3");
  });
});
