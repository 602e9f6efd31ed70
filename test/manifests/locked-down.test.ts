import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../src/model/json/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { eventually } from "../support/wait.ts";
import { startWorld, type World } from "../support/world.ts";

const rbac = { apiVersion: "rbac.authorization.k8s.io/v1" } as const;
const signal = AbortSignal.timeout(300_000);
const metadata = (name: string, namespace: string) => ({ name, namespace });

/** May do anything to ConfigMaps of the namespace `default`, and nothing else. */
const deployer: readonly KubeObject[] = [
  { apiVersion: "v1", kind: "ServiceAccount", metadata: metadata("deployer", "mooring-system") },
  {
    ...rbac,
    kind: "Role",
    metadata: metadata("deployer", "default"),
    rules: [{ apiGroups: [""], resources: ["configmaps"], verbs: ["*"] }],
  },
  {
    ...rbac,
    kind: "RoleBinding",
    metadata: metadata("deployer", "default"),
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "deployer" },
    subjects: [{ kind: "ServiceAccount", name: "deployer", namespace: "mooring-system" }],
  },
  {
    apiVersion: "v1",
    kind: "Secret",
    metadata: metadata("variables", "mooring-system"),
    stringData: { COLOUR: "blue" },
  },
];

const configMap = (name: string, namespace: string): string =>
  JSON.stringify({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace },
    data: { colour: `\${COLOUR}` },
  });

describe("without the binding to cluster-admin", () => {
  let world: World;
  const found = (namespace: string, name: string) => world.get("ConfigMap", namespace, name);

  beforeAll(async () => {
    world = await startWorld({ schedulerAndControllers: false });
    await world.admin.delete(
      { ...rbac, kind: "ClusterRoleBinding", name: "mooring-agent-deployer" },
      { propagation: "Background" },
      signal,
    );
    for (const object of deployer) {
      await world.admin.apply(object, { dryRun: false, force: true, fieldManager: "test" }, signal);
    }
    world.startAgent("--default-service-account", "deployer", "--no-cross-namespace-refs");
  });
  afterAll(() => world?.stop());

  it("an environment reaches as far as its service account, and the agent's own rights do for the rest", async () => {
    const { url, tree } = await world.repository("tenant");
    await tree.commit({ "app/a.yaml": configMap("mine", "default") }, "within reach");
    const spec: JsonObject = {
      source: { url, ref: { branch: "main" } },
      path: "./app",
      interval: "1s",
      timeout: "20s",
      postBuild: { substituteFrom: [{ kind: "Secret", name: "variables" }] },
    };
    await world.environment("tenant", spec);
    await world.condition("tenant", "Ready", { status: "True" });
    expect((await found("default", "mine"))?.data).toEqual({ colour: "blue" });

    await tree.commit({ "app/b.yaml": configMap("theirs", "kube-system") }, "out of reach");
    const refused = await world.condition("tenant", "Ready", { status: "False", reason: "AccessDenied" });
    expect(JSON.stringify(refused)).toContain("system:serviceaccount:mooring-system:deployer");
    expect(await found("kube-system", "theirs")).toBeUndefined();

    await tree.commit({ "app/b.yaml": configMap("ours", "default") }, "within reach again");
    await world.condition("tenant", "Ready", { status: "True" });
    const environment = {
      apiVersion: "mooring.dev/v1alpha1",
      kind: "Environment",
      ...metadata("tenant", "mooring-system"),
    };
    await world.admin.delete(environment, { propagation: "Background" }, signal);
    await eventually(async () => (await found("default", "mine")) === undefined, {
      what: "the Environment's objects to go with it",
      timeout: 30_000,
    });
  });
  it("a reference to another namespace is refused by name, and nothing is applied until it goes", async () => {
    const { url, tree } = await world.repository("curious");
    await tree.commit({ "app/a.yaml": configMap("curious", "default") }, "within reach");
    const spec = (namespace: string): JsonObject => ({
      source: { url, ref: { branch: "main" } },
      path: "./app",
      postBuild: { substitute: { COLOUR: "red" } },
      healthChecks: [{ apiVersion: "v1", kind: "ConfigMap", name: "watched", namespace }],
    });
    await world.environment("curious", spec("kube-system"));
    const refused = await world.condition("curious", "Ready", { status: "False", reason: "SpecInvalid" });
    expect(refused.conditions?.find(({ type }) => type === "Ready")?.message).toContain(
      "spec.healthChecks[0].namespace: ConfigMap/kube-system/watched is in another namespace",
    );
    expect(await found("default", "curious")).toBeUndefined();
    const { healthChecks: _, ...within } = spec("");
    await world.environment("curious", within);
    await world.condition("curious", "Ready", { status: "True" });
  });
});
