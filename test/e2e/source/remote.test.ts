import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cluster, connect } from "../../../src/cluster/index.ts";
import type { JsonObject } from "../../../src/model/json/json.ts";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/control-plane.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";

const configMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\n";
const reference = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "a" };

describe("another cluster", () => {
  let world: World;
  let other: ControlPlane;
  let there: Cluster;
  const never = new AbortController().signal;

  /** A kubeconfig as it may stand in a Secret: everything inline. */
  async function kubeconfig(user: JsonObject): Promise<string> {
    const ca = (await readFile(other.caFile)).toString("base64");
    return JSON.stringify({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "other",
      contexts: [{ name: "other", context: { cluster: "other", user: "other" } }],
      clusters: [{ name: "other", cluster: { server: other.server, "certificate-authority-data": ca } }],
      users: [{ name: "other", user }],
    });
  }
  async function remote(name: string, user: JsonObject): Promise<void> {
    const metadata = { name, namespace: "mooring-system" };
    const secret = { apiVersion: "v1", kind: "Secret", metadata, stringData: { value: await kubeconfig(user) } };
    await world.admin.apply(secret, { dryRun: false, force: true, fieldManager: "test" }, never);
    const { url, tree } = await world.repository(name);
    await tree.commit({ "app/a.yaml": configMap }, "first");
    await world.environment(name, {
      source: { url, ref: { branch: "main" } },
      path: "./app",
      interval: "1s",
      timeout: "2s",
      kubeConfig: { secretRef: { name } },
    });
  }

  beforeAll(async () => {
    world = await startWorld({ schedulerAndControllers: false });
    other = await startControlPlane({ schedulerAndControllers: false });
    there = await connect({ from: "files", paths: [other.kubeconfig] });
    world.startAgent();
  });
  afterAll(async () => {
    await there?.close();
    await other?.stop();
    await world?.stop();
  });

  it("gets the objects, and this one does not; drift there is set right", async () => {
    await remote("remote", { token: other.adminToken });
    await world.condition("remote", "Ready", { status: "True" });
    expect(await there.get(reference, never)).toBeDefined();
    expect(await world.admin.get(reference, never)).toBeUndefined();
    await there.delete(reference, { propagation: "Background" }, never);
    await eventually(() => there.get(reference, never), { what: "the object to be made again" });
  });

  it("may not run programs of the agent by its kubeconfig", async () => {
    await remote("exec", {
      exec: { apiVersion: "client.authentication.k8s.io/v1", command: "touch", args: ["owned"] },
    });
    const status = await world.condition("exec", "Ready", { status: "False", reason: "SpecInvalid" });
    expect(status.conditions?.find(({ type }) => type === "Ready")?.message).toContain("exec");
  });

  it("does not keep an Environment from going when it is away", async () => {
    await other.stop();
    const environment = {
      apiVersion: "mooring.dev/v1alpha1",
      kind: "Environment",
      namespace: "mooring-system",
      name: "remote",
    };
    await world.admin.delete(environment, { propagation: "Background" }, never);
    await eventually(async () => (await world.admin.get(environment, never)) === undefined, {
      what: "the Environment to go",
      timeout: 45_000,
    });
  });
});
