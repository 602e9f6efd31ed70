import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { environmentCrd } from "../../../src/api/crd.ts";
import { type ControlPlane, startControlPlane } from "../../support/control-plane/control-plane.ts";
import { connectKube, type KubeClient } from "../../support/control-plane/kube-client.ts";
import { type GitServer, startGitServer } from "../../support/git/git-server.ts";
import { createWorkTree, type WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { goMissing } from "../../toolchain/tools.ts";
import { runMooring } from "../run-mooring.ts";

const environments = "/apis/mooring.dev/v1alpha1/namespaces/mooring-system/environments";
const owned = {
  "environment.mooring.dev/name": "production",
  "environment.mooring.dev/namespace": "mooring-system",
};
const configMap = (name: string, colour: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: shop
data:
  colour: ${colour}
`;

describe.skipIf(goMissing() !== undefined)("mooring plan (skipped without Go)", () => {
  let plane: ControlPlane;
  let kube: KubeClient;
  let server: GitServer;
  let work: WorkTree;
  let commit: string;

  beforeAll(async () => {
    [plane, server] = await Promise.all([
      startControlPlane({ schedulerAndControllers: false }),
      startGitServer({ password: "hunter2" }),
    ]);
    kube = connectKube({ server: plane.server, caFile: plane.caFile, token: plane.adminToken });
    await kube.request("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", environmentCrd());
    for (const name of ["mooring-system", "shop"])
      await kube.request("POST", "/api/v1/namespaces", { metadata: { name } });
    const url = await server.createRepo("environment");
    work = await createWorkTree(server.pushUrl("environment"));
    commit = await work.commit(
      {
        "overlays/production/kustomization.yaml": "resources: [settings.yaml, secret.yaml]\n",
        "overlays/production/settings.yaml": configMap("settings", "green"),
        "overlays/production/secret.yaml":
          "apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\n  namespace: shop\nstringData:\n  token: the-new-token\n",
      },
      "Begin",
    );
    await createLive();
    await createEnvironment(url);
  });

  afterAll(async () => {
    await kube?.close();
    await Promise.all([plane?.stop(), server?.stop(), work?.remove()]);
  });

  async function createLive(): Promise<void> {
    const live = (name: string, data: object) => ({ metadata: { name, labels: owned }, data });
    await kube.request(
      "POST",
      "/api/v1/namespaces/shop/configmaps?fieldManager=kubectl-edit",
      live("settings", { colour: "blue" }),
    );
    await kube.request("POST", "/api/v1/namespaces/shop/configmaps?fieldManager=kubectl-edit", live("old", {}));
    const secret = { metadata: { name: "token", labels: owned }, stringData: { token: "the-old-token" } };
    await kube.request("POST", "/api/v1/namespaces/shop/secrets?fieldManager=kubectl-edit", secret);
  }

  async function createEnvironment(url: string): Promise<void> {
    const credentials = { metadata: { name: "git-auth" }, stringData: { username: "git", password: "hunter2" } };
    await kube.request("POST", "/api/v1/namespaces/mooring-system/secrets", credentials);
    const spec = {
      source: { url, ref: { branch: "main" }, secretRef: { name: "git-auth" } },
      path: "./overlays/production",
    };
    const environment = {
      apiVersion: "mooring.dev/v1alpha1",
      kind: "Environment",
      metadata: { name: "production" },
      spec,
    };
    await eventually(() => kube.request("POST", environments, environment), { what: "the kind to be served" });
    const ids = ["shop_old__ConfigMap", "shop_settings__ConfigMap", "shop_token__Secret"];
    const status = { inventory: { entries: ids.map((id) => ({ id, v: "v1" })) } };
    await kube.request("PATCH", `${environments}/production/status`, { status });
  }

  async function write(path: string, text: string): Promise<void> {
    await mkdir(dirname(join(work.dir, path)), { recursive: true });
    await writeFile(join(work.dir, path), text);
  }

  const plan = (...args: readonly string[]) =>
    runMooring(["plan", "--kubeconfig", plane.kubeconfig, ...args], { cwd: work.dir });

  test("of an Environment shows what its newest revision would do, without a secret in it", async () => {
    const { code, stdout, stderr } = await plan("production");
    expect(stderr).toBe("");
    expect(stdout.replace(/[0-9a-f]{64}/, "DIGEST")).toBe(
      [
        `Environment mooring-system/production at main@sha1:${commit.slice(0, 7)}`,
        "",
        "~ ConfigMap/shop/settings  # overlays/production/settings.yaml:1",
        "    ~ data.colour: blue -> green  (set by kubectl-edit)",
        "    ~ metadata.managedFields: kubectl-edit -> mooring",
        "~ Secret/shop/token  # overlays/production/secret.yaml:1",
        "    ~ data.token: *** (before) -> *** (after)  (set by kubectl-edit)",
        "    ~ metadata.managedFields: kubectl-edit -> mooring",
        "- ConfigMap/shop/old",
        "",
        "Plan: 2 to change, 1 to delete",
        "Digest: DIGEST",
        "",
      ].join("\n"),
    );
    expect(code).toBe(1);
  });

  test("of a folder finds the Environment that follows it, and comes to the same digest", async () => {
    const [remote, local] = await Promise.all([
      plan("production", "-o", "json"),
      plan("./overlays/production", "-o", "json"),
    ]);
    expect(local.code).toBe(1);
    expect(JSON.parse(local.stdout)).toEqual(JSON.parse(remote.stdout));
  });

  test("of a folder that nothing follows plans a new Environment", async () => {
    await write("overlays/fresh/kustomization.yaml", "resources: [extra.yaml]\n");
    await write("overlays/fresh/extra.yaml", configMap("extra", "red"));
    const { code, stdout } = await plan("./overlays/fresh");
    expect(code).toBe(1);
    expect(stdout).toContain("Environment mooring-system/fresh (which does not exist yet) at working tree");
    expect(stdout).toContain("+ ConfigMap/shop/extra  # overlays/fresh/extra.yaml:1\n");
  });

  test("refuses what belongs to another Environment, with its place", async () => {
    await write("overlays/thief/kustomization.yaml", "resources: [settings.yaml]\n");
    await write("overlays/thief/settings.yaml", configMap("settings", "red"));
    const { code, stderr } = await plan("./overlays/thief");
    expect(code).toBe(2);
    expect(stderr).toContain("overlays/thief/settings.yaml");
    expect(stderr).toContain("ConfigMap/shop/settings: belongs to Environment mooring-system/production");
  });

  test("exits with more than 1 when it cannot tell", async () => {
    const wrong = await plan("staging");
    expect(wrong.stderr).toContain('there is no Environment "staging"');
    expect(wrong.code).toBe(2);
    await write("overlays/broken/kustomization.yaml", "resources: [settings.yaml]\n");
    await write("overlays/broken/settings.yaml", "a: [1\n");
    const broken = await plan("./overlays/broken");
    expect(broken.code).toBe(2);
    expect(broken.stderr).toMatch(/^overlays\/broken\/settings.yaml:\d+(?::\d+)?: error: /);
  });
});
