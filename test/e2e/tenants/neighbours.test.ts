import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";

/** A claim binds only to a volume that somebody makes: an object whose health a test can decide. */
const claim = {
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name: "data", namespace: "default" },
  spec: { accessModes: ["ReadWriteOnce"], storageClassName: "", resources: { requests: { storage: "1Mi" } } },
};
const volume = {
  apiVersion: "v1",
  kind: "PersistentVolume",
  metadata: { name: "data" },
  spec: {
    accessModes: ["ReadWriteOnce"],
    capacity: { storage: "1Mi" },
    claimRef: { namespace: "default", name: "data" },
    hostPath: { path: "/nowhere" },
  },
};

describe("objects outside the environment", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    world.startAgent();
  });
  afterAll(() => world?.stop());

  it("are waited for before a revision counts as healthy", async () => {
    const signal = AbortSignal.timeout(50_000);
    const { url, tree } = await world.repository("neighbours");
    await tree.commit(
      { "app/a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n" },
      "first",
    );
    await world.environment("neighbours", {
      source: { url, ref: { branch: "main" } },
      path: "./app",
      interval: "1s",
      timeout: "45s",
      healthChecks: [{ apiVersion: "v1", kind: "PersistentVolumeClaim", name: "data", namespace: "default" }],
    });
    await eventually(() => world.get("ConfigMap", "default", "a"), { what: "the ConfigMap" });
    const options = { dryRun: false, force: true, fieldManager: "test" };
    await world.admin.apply(claim, options, signal);
    await eventually(() => world.get("PersistentVolumeClaim", "default", "data"), { what: "the claim" });
    const waiting = (await world.status("neighbours")).conditions?.find(({ type }) => type === "Ready");
    expect(waiting?.status).toBe("Unknown");
    await world.admin.apply(volume, options, signal);
    await world.condition("neighbours", "Ready", { status: "True" });
    const live = await world.get("PersistentVolumeClaim", "default", "data");
    expect(live?.status).toMatchObject({ phase: "Bound" });
  });
});
