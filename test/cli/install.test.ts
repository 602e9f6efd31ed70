import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, connect } from "../../src/cluster/index.ts";
import { numberAt, stringAt } from "../../src/model/json.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane.ts";
import { goMissing } from "../toolchain/tools.ts";
import { runMooring } from "./run-mooring.ts";

const signal = new AbortController().signal;
const agent = { apiVersion: "apps/v1", kind: "Deployment", namespace: "mooring-system", name: "mooring-agent" };

test("--export prints what manifests/ holds, in a namespace and with an image of one's own", async () => {
  const { code, stdout } = await runMooring(["install", "--export", "-n", "gitops", "--image", "registry.test/m:1"]);
  expect(code).toBe(0);
  expect(stdout).toContain("\n  name: environments.mooring.dev\n");
  expect(stdout).toContain("        image: registry.test/m:1\n");
  expect(stdout).not.toContain("mooring-system");
});

describe.skipIf(goMissing() !== undefined)("mooring install", () => {
  let plane: ControlPlane;
  let admin: Cluster;

  beforeAll(async () => {
    plane = await startControlPlane();
    admin = await connect({ from: "files", paths: [plane.kubeconfig] });
  });
  afterAll(async () => {
    await admin?.close();
    await plane?.stop();
  });

  const install = (...args: readonly string[]) => runMooring(["install", "--kubeconfig", plane.kubeconfig, ...args]);
  const lines = (stdout: string, change: string) =>
    stdout.split("\n").filter((line) => new RegExp(`^\\S+/\\S+ ${change}( |$)`).test(line)).length;

  test("a dry run on an empty cluster says what would be created, and creates nothing", async () => {
    const { code, stdout, stderr } = await install("--dry-run");
    expect(stderr).toBe("");
    expect(stdout).toContain("deployment.apps/mooring-agent created (server dry run)\n");
    expect(code).toBe(0);
    expect(await admin.get({ apiVersion: "v1", kind: "Namespace", name: "mooring-system" }, signal)).toBeUndefined();
  });

  test("creates everything, and ends when the agent is ready", async () => {
    const { code, stdout, stderr } = await install();
    expect(stderr).toBe("");
    expect(code).toBe(0);
    expect(stdout).toContain("customresourcedefinition.apiextensions.k8s.io/environments.mooring.dev created\n");
    expect(stdout).toContain("deployment.apps/mooring-agent created\n");
    expect(stdout).toContain("mooring bootstrap --help");
    const deployment = await admin.get(agent, signal);
    expect(numberAt(deployment, "status", "readyReplicas")).toBe(1);
    expect(await admin.resource("mooring.dev/v1alpha1", "Environment", signal)).toMatchObject({ namespaced: true });
  });

  test("changes nothing when it is there already, and leaves what others set alone", async () => {
    const theirs = { metadata: { labels: { "example.com/team": "platform" } }, spec: { replicas: 1, paused: false } };
    await admin.patch(agent, { type: "merge", body: theirs }, { fieldManager: "somebody" }, signal);
    const before = await admin.get(agent, signal);
    const { code, stdout } = await install();
    expect(code).toBe(0);
    expect(lines(stdout, "unchanged")).toBeGreaterThan(7);
    expect(lines(stdout, "(created|configured)")).toBe(0);
    expect((await admin.get(agent, signal))?.metadata.labels).toEqual(before?.metadata.labels);
  });

  test("names the cause as soon as it is certain that the agent will not be ready, and mends it when run again", async () => {
    const broken = await install("--image", "registry.test/mooring:missing");
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain("Deployment/mooring-system/mooring-agent");
    expect(broken.stderr).toContain("registry.test/mooring:missing");
    const mended = await install();
    expect(mended.stderr).toBe("");
    expect(mended.code).toBe(0);
    expect(mended.stdout).toContain("deployment.apps/mooring-agent configured\n");
  });

  test("refuses a second installation in another namespace, which would take the first one's permissions", async () => {
    const { code, stderr } = await install("-n", "elsewhere");
    expect(code).toBe(1);
    expect(stderr).toContain("Mooring is installed in the namespace mooring-system");
  });

  test("says in one line what the API server does not allow", async () => {
    const { code, stderr } = await install("--as", "nobody");
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: .*nobody.*clusterrolebindings/);
    expect(stringAt(await admin.get(agent, signal), "metadata", "name")).toBe("mooring-agent");
  });
});
