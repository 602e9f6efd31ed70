import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, connect } from "../../../src/cluster/index.ts";
import { numberAt, stringAt } from "../../../src/model/json/json.ts";
import { startAgent } from "../../support/agent/agent-process.ts";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/control-plane.ts";
import { eventually } from "../../support/wait.ts";
import { goMissing } from "../../toolchain/tools.ts";
import { runMooring } from "../run-mooring.ts";

const signal = new AbortController().signal;
const agent = { apiVersion: "apps/v1", kind: "Deployment", namespace: "mooring-system", name: "mooring-agent" };

const definition = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  name: "environments.mooring.dev",
};

/** Takes a description out of the schema: the CRD is no longer that of this version. */
const schemaless = { op: "remove", path: "/spec/versions/0/schema/openAPIV3Schema/description" };

interface Finding {
  readonly check: string;
  readonly status: string;
  readonly message: string;
}

test("--export prints what manifests/ holds, in a namespace and with an image of one's own", async () => {
  const { code, stdout } = await runMooring(["install", "--export", "-n", "gitops", "--image", "registry.test/m:1"]);
  expect(code).toBe(0);
  expect(stdout).toContain("\n  name: environments.mooring.dev\n");
  expect(stdout).toContain("        image: registry.test/m:1\n");
  expect(stdout).not.toContain("mooring-system");
});

describe.skipIf(goMissing() !== undefined)("mooring install (skipped without Go)", { timeout: 300_000 }, () => {
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

  const mooring = (...args: readonly string[]) => runMooring([...args, "--kubeconfig", plane.kubeconfig]);
  const install = (...args: readonly string[]) => mooring("install", ...args);
  const lines = (stdout: string, change: string) =>
    stdout.split("\n").filter((line) => new RegExp(`^\\S+/\\S+ ${change}( |$)`).test(line)).length;

  test("a dry run on an empty cluster says what would be created, and creates nothing", async () => {
    const { code, stdout, stderr } = await install("--dry-run");
    expect(stderr).toBe("");
    expect(stdout).toContain("deployment.apps/mooring-agent created (server dry run)\n");
    expect(code).toBe(0);
    expect(await admin.get({ apiVersion: "v1", kind: "Namespace", name: "mooring-system" }, signal)).toBeUndefined();
  });

  test("check tells that it fits before anything is installed, and what is missing", async () => {
    const pre = await mooring("check", "--pre");
    expect(pre.stderr).toBe("");
    expect(pre.stdout).toMatch(/^CHECK +STATUS +DETAIL\nKubernetes +ok +v\S+ at https:/);
    expect(pre.stdout).toMatch(/^server-side apply +ok /m);
    expect(pre.stdout).toMatch(/^your permissions +ok +sufficient to install and upgrade$/m);
    expect(pre.code).toBe(0);
    const whole = await mooring("check");
    expect(whole.stdout).toMatch(/^CRD Environment +failed +is not there$/m);
    expect(whole.stdout).toMatch(/^hint: agent: run mooring install/m);
    expect(whole.code).toBe(1);
  });

  test("check names what somebody may not do", async () => {
    const { code, stdout } = await mooring("check", "--pre", "--as", "nobody", "-o", "json");
    expect(code).toBe(1);
    const findings: readonly Finding[] = JSON.parse(stdout);
    const permissions = findings.find(({ check }) => check === "your permissions");
    expect(permissions?.status).toBe("failed");
    expect(permissions?.message).toContain("create customresourcedefinitions");
    expect(permissions?.message).toContain("escalate clusterroles");
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

  test("check finds nothing wrong with an agent at work, and what became wrong", async () => {
    const own = startAgent(await plane.kubeconfigFor("mooring-system", "mooring-agent"), "--no-leader-election");
    try {
      const well = await eventually(
        async () => {
          const run = await mooring("check");
          return run.code === 0 ? run : undefined;
        },
        { what: "every check to pass", timeout: 200_000 },
      );
      expect(well.stdout).not.toMatch(/ (failed|warning) /);
    } finally {
      await own.stop();
    }
    const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "ClusterRole", name: "mooring-agent" };
    const binding = { ...role, kind: "ClusterRoleBinding", name: "mooring-agent-deployer" };
    const granted = await admin.get(binding, signal);
    await admin.delete(binding, { propagation: "Background" }, signal);
    await admin.patch(role, { type: "merge", body: { rules: [] } }, {}, signal);
    await admin.patch(definition, { type: "json", body: [schemaless] }, { fieldManager: "somebody" }, signal);
    const wrong = await eventually(
      async () => {
        const run = await mooring("check");
        return run.stdout.includes("it may not") ? run : undefined;
      },
      { what: "the missing permissions to be found", timeout: 200_000 },
    );
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toMatch(/^agent's permissions +failed +it may not get environments,/m);
    expect(wrong.stdout).toMatch(/^CRD Environment +warning +does not match version /m);
    const unlocking = await install();
    expect(unlocking.code).toBe(1);
    expect(unlocking.stderr).toContain("installing would grant it all permissions again");
    const { apiVersion, kind, name } = binding;
    await admin.create(
      { apiVersion, kind, metadata: { name }, roleRef: granted?.roleRef, subjects: granted?.subjects },
      signal,
    );
    expect((await install()).code).toBe(0);
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

  test("locks the agent down to the namespaces of tenants, and takes every other right away", async () => {
    const missing = await install("--tenant", "team-a", "--tenant", "team-x");
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(
      "error: Namespace/team-a: does not exist\n  hint: kubectl create namespace team-a\n",
    );
    for (const name of ["team-a", "team-b"]) {
      await admin.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } }, signal);
    }
    const locked = await install("--tenant", "team-a", "--tenant", "team-b");
    expect(locked.stderr).toBe("");
    expect(locked.code).toBe(0);
    for (const what of [
      "clusterrole.rbac.authorization.k8s.io/mooring-agent",
      "clusterrolebinding.rbac.authorization.k8s.io/mooring-agent",
      "clusterrolebinding.rbac.authorization.k8s.io/mooring-agent-deployer",
    ]) {
      expect(locked.stdout).toContain(`${what} deleted\n`);
    }
    const account = { user: "system:serviceaccount:mooring-system:mooring-agent" };
    const as = admin.impersonate(account);
    const secrets = { verb: "get", group: "", resource: "secrets" };
    expect(await as.allowed({ ...secrets, namespace: "team-a" }, signal)).toBe(true);
    expect(await as.allowed({ ...secrets, namespace: "default" }, signal)).toBe(false);

    const again = await install();
    expect(again.code).toBe(1);
    expect(again.stderr).toContain(
      "run mooring install --tenant team-a --tenant team-b --default-service-account deployer",
    );
    const elsewhere = await install("-n", "elsewhere");
    expect(elsewhere.code).toBe(1);
    expect(elsewhere.stderr).toContain("Mooring is installed in the namespace mooring-system");
    const fewer = await install("--tenant", "team-a");
    expect(fewer.code).toBe(0);
    expect(fewer.stdout).toContain("rolebinding.rbac.authorization.k8s.io/mooring-tenant deleted in team-b\n");
    expect(await as.allowed({ ...secrets, namespace: "team-b" }, signal)).toBe(false);
    const checked = await mooring("check");
    expect(checked.stdout).toMatch(/^agent's permissions +ok /m);
  });
});
