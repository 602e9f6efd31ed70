import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentCrd } from "../../../src/api/crd.ts";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/control-plane.ts";
import { connectKube, type KubeClient } from "../../support/control-plane/kube-client.ts";
import { eventually } from "../../support/wait.ts";
import { goMissing } from "../../toolchain/tools.ts";
import { type Run, runMooring } from "../run-mooring.ts";

const base = "/apis/mooring.dev/v1alpha1/namespaces/mooring-system/environments";
const commit = "0123456789abcdef0123456789abcdef01234567";

interface Environment {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly suspend?: boolean };
}

describe.skipIf(goMissing() !== undefined)("commands about Environments (skipped without Go)", () => {
  let plane: ControlPlane;
  let kube: KubeClient;

  beforeAll(async () => {
    plane = await startControlPlane({ schedulerAndControllers: false });
    kube = connectKube({ server: plane.server, caFile: plane.caFile, token: plane.adminToken });
    await kube.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", environmentCrd());
    await kube.request("POST", "/api/v1/namespaces", { metadata: { name: "mooring-system" } });
    for (const name of ["production", "staging"]) {
      const spec = { source: { url: "https://git.example.com/acme/environment.git" }, path: `./overlays/${name}` };
      const environment = { apiVersion: "mooring.dev/v1alpha1", kind: "Environment", metadata: { name }, spec };
      await eventually(() => kube.request("POST", base, environment), { what: "the kind Environment to be served" });
    }
    await patchStatus("production", {
      conditions: [condition("Ready", "True", "Succeeded", "applied revision main@sha1:0123456, 3 objects")],
      lastAppliedRevision: `main@sha1:${commit}`,
    });
  });

  afterAll(async () => {
    await kube?.close();
    await plane?.stop();
  });

  const condition = (type: string, status: string, reason: string, message: string) => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: "2026-01-02T03:04:05Z",
    observedGeneration: 1,
  });
  const patchStatus = (name: string, status: object) => kube.request("PATCH", `${base}/${name}/status`, { status });
  const read = (name: string) => kube.request<Environment>("GET", `${base}/${name}`);
  const run = (...args: readonly string[]): Promise<Run> => runMooring(["--kubeconfig", plane.kubeconfig, ...args]);

  test("get environments shows a table", async () => {
    const { code, stdout } = await run("get", "environments");
    expect(code).toBe(0);
    const lines = stdout.split("\n").map((line) => line.replace(/\d+s$/, "AGE").split(/ {2,}/));
    expect(lines).toEqual([
      ["NAME", "READY", "REVISION", "STATUS", "AGE"],
      ["production", "True", "main@sha1:0123456", "applied revision main@sha1:0123456, 3 objects", "AGE"],
      ["staging", "Unknown", "<none>", "<none>", "AGE"],
      [""],
    ]);
  });

  test("get environments shows whole objects", async () => {
    const one = await run("get", "env", "production", "-o", "json");
    expect(JSON.parse(one.stdout)).toMatchObject({ kind: "Environment", spec: { path: "./overlays/production" } });
    const all = await run("get", "env", "-A", "-o", "yaml");
    expect(all.stdout).toMatch(/^apiVersion: v1\nitems:\n {2}- apiVersion: mooring.dev\/v1alpha1\n/);
  });

  test("what is not there is said, with what is", async () => {
    const missing = await run("get", "env", "producton");
    expect(missing).toMatchObject({ code: 1, stdout: "" });
    expect(missing.stderr).toBe(
      'error: there is no Environment "producton" in namespace mooring-system\n  hint: did you mean production?\n',
    );
    expect(await run("get", "env", "-n", "default")).toMatchObject({
      code: 0,
      stdout: "",
      stderr: "No Environments found in namespace default.\n",
    });
  });

  test("suspend and resume", async () => {
    expect(await run("suspend", "staging")).toMatchObject({ code: 0, stdout: "environment/staging suspended\n" });
    expect((await read("staging")).spec.suspend).toBe(true);
    const refused = await run("reconcile", "staging");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("mooring resume staging");
    expect(await run("resume", "staging")).toMatchObject({ code: 0, stdout: "environment/staging resumed\n" });
    expect((await read("staging")).spec.suspend).toBe(false);
  });

  test("reconcile asks, and answers when the agent has answered", async () => {
    const asked = (await run("reconcile", "production", "--no-wait")).stdout;
    expect(asked).toBe("environment/production requested to reconcile\n");
    const first = (await read("production")).metadata.annotations?.["mooring.dev/requestedAt"];
    const waiting = run("reconcile", "production");
    const second = await eventually(
      async () => {
        const at = (await read("production")).metadata.annotations?.["mooring.dev/requestedAt"];
        return at === first ? undefined : at;
      },
      { what: "the request" },
    );
    const failed = condition("Ready", "False", "HealthFailed", "Deployment/shop/web: image not found");
    await patchStatus("production", { lastHandledRequest: second, conditions: [failed] });
    expect(await waiting).toEqual({
      code: 1,
      stdout: "",
      stderr:
        "error: Environment/mooring-system/production: HealthFailed: Deployment/shop/web: image not found\n  hint: find the cause with mooring why production\n",
    });
  });

  test("reconcile says when no agent answers", async () => {
    const { code, stderr } = await run("reconcile", "production", "--timeout", "100ms");
    expect(code).toBe(1);
    expect(stderr).toContain("the agent has not picked up the request");
  });

  test("approve approves what is held, and nothing else", async () => {
    expect((await run("approve", "staging")).stderr).toContain("no plan is held");
    await patchStatus("staging", { pendingDigest: "abcdef0123" });
    expect((await run("approve", "staging", "fedcba")).stderr).toContain("the plan that is held is abcdef0123");
    expect((await run("approve", "staging", "abcdef")).code).toBe(0);
    expect((await read("staging")).metadata.annotations?.["mooring.dev/approve"]).toBe("abcdef0123");
  });

  test("a cluster that does not answer, and a kubeconfig that is not there", async () => {
    const missing = await runMooring(["get", "env", "--kubeconfig", "/nonexistent/config"]);
    expect(missing.code).toBe(2);
    expect(missing.stderr).toContain("cannot read the kubeconfig /nonexistent/config");
    expect(missing.stderr).not.toContain("at ");
  });
});
