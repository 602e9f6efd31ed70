import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentCrd } from "../../../src/api/crd.ts";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/control-plane.ts";
import { connectKube, type KubeClient } from "../../support/control-plane/kube-client.ts";
import { type GitServer, startGitServer } from "../../support/git/git-server.ts";
import { createWorkTree, type WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { goMissing } from "../../toolchain/tools.ts";
import { mooringSource, runMooring } from "../run-mooring.ts";

const environments = "/apis/mooring.dev/v1alpha1/namespaces/mooring-system/environments";

const maps = "/api/v1/namespaces/shop/configmaps";

interface Status {
  readonly status?: {
    readonly history?: readonly { readonly digest: string; readonly revision: string }[];
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly reason: string }[];
  };
}

interface ConfigMap {
  readonly metadata: { readonly name: string };
  readonly data: { readonly colour: string };
}

describe.skipIf(goMissing() !== undefined)("the command line and the agent (skipped without Go)", () => {
  let plane: ControlPlane;
  let kube: KubeClient;
  let server: GitServer;
  let work: WorkTree;
  let agent: ChildProcess;

  beforeAll(async () => {
    [plane, server] = await Promise.all([startControlPlane(), startGitServer()]);
    kube = connectKube({ server: plane.server, caFile: plane.caFile, token: plane.adminToken });
    await kube.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", environmentCrd());
    for (const name of ["mooring-system", "shop"])
      await kube.request("POST", "/api/v1/namespaces", { metadata: { name } });
    const url = await server.createRepo("environment");
    work = await createWorkTree(server.pushUrl("environment"));
    await push("one");
    // An interval so long that only a request can bring what is pushed.
    const spec = { source: { url, ref: { branch: "main" } }, path: ".", interval: "1h" };
    const environment = { apiVersion: "mooring.dev/v1alpha1", kind: "Environment", metadata: { name: "shop" }, spec };
    await eventually(() => kube.request("POST", environments, environment), { what: "the kind to be served" });
    const flags = ["agent", "--kubeconfig", plane.kubeconfig, "--listen", "127.0.0.1:0", "--no-leader-election"];
    agent = spawn(process.execPath, [mooringSource, ...flags], { stdio: "ignore" });
  });

  afterAll(async () => {
    if (agent?.exitCode === null) {
      agent.kill();
      await once(agent, "exit");
    }
    await kube?.close();
    await Promise.all([plane?.stop(), server?.stop(), work?.remove()]);
  });

  const push = (colour: string) =>
    work.commit(
      {
        "kustomization.yaml": `namespace: shop\nconfigMapGenerator:\n- name: settings\n  literals: [colour=${colour}]\n`,
      },
      colour,
    );
  const mooring = (...args: readonly string[]) => runMooring([...args, "--kubeconfig", plane.kubeconfig]);
  const newest = async () => (await kube.request<Status>("GET", `${environments}/shop`)).status?.history?.[0];

  const settings = async () => {
    const selector = "labelSelector=environment.mooring.dev/name%3Dshop";
    return (await kube.request<{ readonly items: readonly ConfigMap[] }>("GET", `${maps}?${selector}`)).items;
  };
  const colours = async () => (await settings()).map(({ data }) => data.colour);
  const readiness = async () => {
    const { status } = await kube.request<Status>("GET", `${environments}/shop`);
    return status?.conditions?.find(({ type }) => type === "Ready");
  };

  test("reconcile waits until the agent is done, and then there is nothing to plan", async () => {
    const { code, stdout } = await mooring("reconcile", "shop");
    expect(stdout).toMatch(/^environment\/shop is ready at main@sha1:[0-9a-f]{7}\n$/);
    expect(code).toBe(0);
    const plan = await mooring("plan", "shop");
    expect(plan.stdout).toContain("\nPlan: 1 unchanged\n");
    expect(plan.code).toBe(0);
  });

  test("the plan that is shown is the plan that runs", async () => {
    const commit = await push("two");
    const plan = await mooring("plan", "shop", "-o", "json");
    expect(plan.code).toBe(1);
    await mooring("reconcile", "shop");
    expect(await newest()).toMatchObject({ revision: `main@sha1:${commit}`, digest: JSON.parse(plan.stdout).digest });
  });

  test("the plan of a pull request, made without a cluster, is the plan that runs", async () => {
    const commit = await push("three");
    const plan = await runMooring(["plan", "--offline", "--base", "HEAD~1", "-o", "json", "."], { cwd: work.dir });
    await mooring("reconcile", "shop");
    expect(await newest()).toMatchObject({ revision: `main@sha1:${commit}`, digest: JSON.parse(plan.stdout).digest });
  });

  test("history shows what was rolled out, newest first", async () => {
    const { code, stdout } = await mooring("history", "shop");
    expect(code).toBe(0);
    const [headings, ...rows] = stdout.trimEnd().split("\n");
    expect(headings?.split(/ +/)).toEqual(["FINISHED", "REVISION", "OUTCOME", "TOOK", "PLAN", "MESSAGE"]);
    expect(rows).toHaveLength(3);
    expect(rows[0]).toContain((await newest())?.revision.slice(0, "main@sha1:0123456".length));
    expect(rows[0]).toMatch(/ ago +main@sha1:[0-9a-f]{7} +Succeeded +\S+ +[0-9a-f]{12} +<none>$/);
    const data = await mooring("history", "shop", "-o", "json");
    expect(JSON.parse(data.stdout)[0]).toEqual(await newest());
  });

  test("rollback goes back, stays there whatever is pushed, and resume follows the branch again", async () => {
    const second = (await kube.request<Status>("GET", `${environments}/shop`)).status?.history?.[1]?.revision ?? "";
    const back = await mooring("rollback", "shop");
    expect(back.stderr).toBe("");
    expect(back.code).toBe(0);
    const short = second.slice(0, "main@sha1:0123456".length);
    expect(back.stdout).toContain(`environment/shop pinned to ${short} until mooring resume shop\n`);
    expect(await colours()).toEqual(["two"]);
    await push("four");
    expect((await mooring("reconcile", "shop")).code).toBe(0);
    expect(await colours()).toEqual(["two"]);
    expect(await readiness()).toMatchObject({ status: "True", reason: "Pinned" });
    expect((await mooring("plan", "shop")).stdout).toContain("\nPlan: 1 unchanged\n");
    await mooring("resume", "shop");
    expect((await mooring("reconcile", "shop")).code).toBe(0);
    expect(await colours()).toEqual(["four"]);
    expect(await readiness()).toMatchObject({ status: "True", reason: "Succeeded" });
  });

  test("rollback goes to nothing that failed when it was tried last, unless it is forced to", async () => {
    const { status } = await kube.request<Status>("GET", `${environments}/shop`);
    const history = status?.history ?? [];
    const [bad, ended] = [`main@sha1:${"e".repeat(40)}`, "2026-11-21T12:00:00Z"];
    const times = { started: ended, finished: ended };
    const failed = { revision: bad, digest: "", outcome: "RolledBack", message: "no such image", ...times };
    const older = { revision: bad, digest: "", outcome: "Succeeded", ...times };
    await kube.request("PATCH", `${environments}/shop/status`, { status: { history: [failed, ...history, older] } });
    for (const more of [[], ["--pr"]]) {
      const { code, stderr } = await mooring("rollback", "shop", "--to", "eeeeeee", ...more);
      expect(code).not.toBe(0);
      expect(stderr).toContain(
        "revision main@sha1:eeeeeee ended as RolledBack when it was rolled out last: no such image",
      );
      expect(stderr).toContain("--force");
    }
    await kube.request("PATCH", `${environments}/shop/status`, { status: { history } });
  });

  test("rollback says which revision it does not know", async () => {
    const { code, stderr } = await mooring("rollback", "shop", "--to", "0123456");
    expect(code).toBe(1);
    expect(stderr).toContain("no revision of its history begins with 0123456");
  });

  test("drift shows what somebody changed, field by field, where it is only reported", async () => {
    const before = await mooring("drift", "shop");
    expect(before).toMatchObject({ code: 0, stdout: "environment/shop has not drifted\n" });
    await kube.request("PATCH", `${environments}/shop`, { spec: { drift: "report" } });
    const name = (await settings())[0]?.metadata.name ?? "";
    await kube.request("PATCH", `${maps}/${name}?fieldManager=somebody`, { data: { colour: "mauve" } });
    const drifted = async () => {
      const run = await mooring("drift", "shop");
      return run.code === 1 ? run : undefined;
    };
    const { stdout } = await eventually(drifted, { what: "the drift to be seen", timeout: 20_000 });
    expect(stdout.replace(/\d+s/, "AGE")).toBe(
      `~ ConfigMap/shop/${name}  (for AGE)\n    ~ data.colour: mauve -> four  (set by somebody)\n`,
    );
  });
});
