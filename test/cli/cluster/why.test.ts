import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { JsonObject } from "../../../src/model/json/json.ts";
import { commitFolder, configMap, deployment, namespace } from "../../e2e/shop.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type Wanted, type World } from "../../support/world.ts";
import { goMissing } from "../../toolchain/tools.ts";
import { runMooring } from "../run-mooring.ts";

const signal = new AbortController().signal;
const patience = 300_000;

describe.skipIf(goMissing() !== undefined)("mooring why (skipped without Go)", { timeout: 600_000 }, () => {
  let world: World;
  let tree: WorkTree;
  let url: string;
  /** The commit that is healthy, and the one that crashes. */
  let good: string;
  let bad: string;

  const create = (name: string, spec: JsonObject) =>
    world.environment(name, {
      source: { url, ref: { branch: "main" } },
      interval: "300ms",
      retryInterval: "300ms",
      timeout: "5m",
      ...spec,
    });
  const condition = (name: string, type: string, wanted: Wanted) => world.condition(name, type, wanted, patience);
  const why = (...args: readonly string[]) =>
    runMooring(["why", ...args, "--kubeconfig", world.controlPlane.kubeconfig], { cwd: tree.dir });
  const whyData = async (...args: readonly string[]) => JSON.parse((await why(...args, "-o", "json")).stdout);
  const kustomization = (...resources: readonly string[]) => `resources: [${resources.join(", ")}]\n`;
  const shop = (image: string) => ({
    "namespace.yaml": namespace("shop"),
    "settings.yaml": configMap("settings", "blue"),
    "web.yaml": deployment("web", image),
    "kustomization.yaml": kustomization("namespace.yaml", "settings.yaml", "web.yaml"),
  });

  beforeAll(async () => {
    world = await startWorld();
    world.startAgent("--no-leader-election");
    ({ url, tree } = await world.repository("environment"));
    await tree.commit({ "overlays/production/kustomization.yaml": kustomization("../../base") }, "Begin");
    good = await commitFolder(tree, "base", shop("web:1"));
    await create("production", { stages: [{ name: "apps", path: "./overlays/production" }] });
    await condition("production", "Ready", { status: "True", revision: good });
    // Logs are given two seconds; a machine that is too busy for that gets another revision.
    for (let attempt = 1; attempt <= 5; attempt++) {
      bad = await commitFolder(tree, "base", shop(`web:crash-${attempt}`));
      const { failedProblems } = await condition("production", "Ready", { reason: "RolledBack", revision: bad });
      if (failedProblems?.[0]?.logs !== undefined) break;
    }
  }, 600_000);
  afterAll(() => world?.stop());

  test("of an Environment that went back: the chain from commit to container, with the log", async () => {
    const { code, stdout, stderr } = await why("production");
    expect(stderr).toBe("");
    const lines = stdout
      .replace(/for \S+$/m, "for AGE")
      .replaceAll(/web-\w+-\w+/g, "web-POD")
      .replace(/\(\d+ restarts\)/, "(N restarts)");
    expect(lines).toBe(
      `environment/production is not ready: RolledBack, for AGE
  commit   main@sha1:${bad.slice(0, 7)} "change base" by Test
  back at  main@sha1:${good.slice(0, 7)}, the last healthy revision

Deployment/shop/web
  stage    apps
  file     base/web.yaml:1
  overlay  overlays/production/kustomization.yaml > base/kustomization.yaml
  cause    CrashLoopBackOff: pod web-POD, container main: exited with code 1 (N restarts)
  log      | starting
           | fatal: cannot reach db:5432

  now      all 3 objects are healthy
  next     push a commit that fixes it; to retry the same one: mooring reconcile production
`,
    );
    expect(code).toBe(1);
  });

  test("of an object: its owner, its file in the last healthy revision, and how it is now", async () => {
    const { code, stdout } = await why("cm/settings", "-n", "shop");
    expect(stdout).toBe(
      `ConfigMap/shop/settings is healthy: exists
  owner    Environment mooring-system/production at main@sha1:${good.slice(0, 7)}: RolledBack
  file     base/settings.yaml:1
  overlay  overlays/production/kustomization.yaml > base/kustomization.yaml
  of       main@sha1:${good.slice(0, 7)}
  next     mooring why production -n mooring-system
`,
    );
    expect(code).toBe(0);
  });

  test("of a Pod: what made it, up to what Mooring applied", async () => {
    const type = await world.admin.resource("v1", "Pod", signal);
    if (type === undefined) throw new Error("no Pods");
    const { items } = await world.admin.list(type, { namespace: "shop" }, signal);
    const pod = items.find(({ metadata }) => metadata.deletionTimestamp === undefined)?.metadata.name ?? "";
    const report = await whyData(`Pod/shop/${pod}`);
    expect(report).toMatchObject({
      object: `Pod/shop/${pod}`,
      madeBy: [expect.stringMatching(/^ReplicaSet\/shop\/web-/), "Deployment/shop/web"],
      owner: { environment: "mooring-system/production", exists: true },
      place: { file: "base/web.yaml", line: 1, revision: `main@sha1:${bad}` },
    });
  });

  test("of an object that failed and is well again", async () => {
    const { code, stdout } = await why("deploy/web", "-n", "shop");
    expect(stdout).toMatch(/^Deployment\/shop\/web is healthy: 1 of 1 replicas available$/m);
    expect(stdout).toMatch(
      new RegExp(`^ {2}failed {3}at main@sha1:${bad.slice(0, 7)}: CrashLoopBackOff: pod web-`, "m"),
    );
    expect(stdout).toContain("  log      | starting\n           | fatal: cannot reach db:5432\n");
    expect(code).toBe(0);
  });

  test("of an object that is not Mooring's", async () => {
    await world.admin.apply(
      { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "theirs", namespace: "shop" }, data: { a: "b" } },
      { dryRun: false, force: true, fieldManager: "somebody" },
      signal,
    );
    expect((await why("configmap/theirs", "-n", "shop")).stdout).toBe(
      `ConfigMap/shop/theirs is healthy: exists
  owner    none: it carries no Environment's labels, so Mooring leaves it alone; written by somebody
`,
    );
  });

  test("of what there is not", async () => {
    const object = await why("deployment/nothing", "-n", "shop");
    expect(object.code).toBe(2);
    expect(object.stderr).toContain("Deployment/shop/nothing: does not exist, and no Environment defines it");
    const kind = await why("deploymint/web", "-n", "shop");
    expect(kind.stderr).toContain('does not know the kind "deploymint"');
    expect(kind.stderr).toContain("did you mean deployment?");
  });

  test("of a rollout that waits: what it waits for, before it has failed", async () => {
    const files = {
      "namespace.yaml": namespace("slow"),
      "web.yaml": deployment("web", "web:unready", { namespace: "slow" }),
    };
    const sha = await commitFolder(tree, "slow", files);
    await create("slow", { path: "./slow", timeout: "1h" });
    await condition("slow", "Reconciling", { status: "True", revision: sha });
    const told = async () => {
      const report = await whyData("slow");
      return report.ill?.[0]?.message.startsWith("NotReady") ? report : undefined;
    };
    expect(await eventually(told, { what: "the pod to be told", timeout: patience })).toMatchObject({
      ready: "Unknown",
      reason: "Progressing",
      commit: { revision: `main@sha1:${sha}`, subject: "change slow" },
      ill: [
        {
          object: "Deployment/slow/web",
          // Never healthy, so there is no snapshot: from the checkout that the command is run in.
          file: "slow/web.yaml",
          message: expect.stringMatching(/^NotReady: pod web-\S+, container main: it runs but is not ready$/),
          see: expect.stringMatching(/^kubectl logs web-\S+ -c main -n slow$/),
        },
      ],
    });
  });

  test("of an Environment that waits for another", async () => {
    await create("after", { path: "./base", dependsOn: [{ name: "slow" }] });
    await condition("after", "Ready", { reason: "DependencyNotReady" });
    const waiting = await whyData("after");
    expect(waiting.problems).toEqual([
      { field: "spec.dependsOn", message: expect.stringContaining("Environment mooring-system/slow is not ready") },
    ]);
    expect((await why("after")).stdout).toContain("  next     find out why with: mooring why ENVIRONMENT");
  });

  test("for somebody who may read nothing but Environments", async () => {
    const rbac = "rbac.authorization.k8s.io";
    const rules = [{ apiGroups: ["mooring.dev"], resources: ["environments"], verbs: ["get", "list"] }];
    const role = { apiVersion: `${rbac}/v1`, kind: "ClusterRole", metadata: { name: "reader" }, rules };
    const roleRef = { apiGroup: rbac, kind: "ClusterRole", name: "reader" };
    const subjects = [{ apiGroup: rbac, kind: "User", name: "reader" }];
    const binding = { ...role, kind: "ClusterRoleBinding", rules: undefined, roleRef, subjects };
    for (const object of [role, binding]) await world.admin.apply(object, { dryRun: false, force: true }, signal);
    const asReader = async () => {
      const run = await why("production", "--as", "reader");
      // Until the API server knows of the role, not even the Environment may be read.
      return run.stderr === "" && run.stdout.includes("  overlay  ") ? run.stdout : undefined;
    };
    const stdout = await eventually(asReader, { what: "the rights to be known", timeout: patience });
    expect(stdout).toContain("  overlay  overlays/production/kustomization.yaml > base/kustomization.yaml\n");
    expect(stdout).toMatch(/^ {2}now {6}not known: .*deployments.* is forbidden/m);
  });

  test("of an Environment that is suspended", async () => {
    await create("suspended", { path: "./base", suspend: true });
    const suspended = await why("suspended");
    expect(suspended.stdout).toContain("it is suspended: Mooring leaves it alone");
    expect(suspended.stdout).toContain("mooring resume suspended");
  });

  test("of an Environment whose plan is held", async () => {
    const map = configMap("map", "blue", { namespace: "default" });
    await commitFolder(tree, "kept", { "namespace.yaml": namespace("kept"), "map.yaml": map });
    await create("kept", { path: "./kept" });
    await condition("kept", "Ready", { status: "True" });
    await commitFolder(tree, "kept", { "map.yaml": map });
    await condition("kept", "Held", { status: "True" });
    const held = (await why("kept")).stdout;
    expect(held).toMatch(/^environment\/kept is not ready: DeletionHeld, for /);
    expect(held).toMatch(/^ {2}why {6}1 of kind Namespace would be deleted: Namespace\/kept; approve with/m);
    expect(held).toMatch(/^ {2}next {5}review the plan with: mooring plan kept; /m);
  });

  test("of an error: file, line and the kustomizations that led there", async () => {
    await tree.commit(
      {
        "overlays/broken/kustomization.yaml": kustomization("../../part"),
        "part/kustomization.yaml": kustomization("map.yaml"),
        "part/map.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: map, namespace: shop}\ndata: {port: 80}\n",
      },
      "Break",
    );
    await create("broken", { path: "./overlays/broken" });
    await condition("broken", "Ready", { reason: "ValidationFailed" });
    const { stdout, code } = await why("broken");
    expect(stdout).toContain(
      `ConfigMap/shop/map: data.port
  file     part/map.yaml:1
  overlay  overlays/broken/kustomization.yaml > part/kustomization.yaml
  cause    expected string
`,
    );
    expect(code).toBe(1);
    const object = await why("configmap/map", "-n", "shop");
    expect(object.stdout).toContain("ConfigMap/shop/map does not exist in the cluster\n");
    expect(object.stdout).toContain("  owner    Environment mooring-system/broken: ValidationFailed\n");
    expect(object.stdout).toContain("  file     part/map.yaml:1\n");
  });

  test("of drift that is only reported", async () => {
    await commitFolder(tree, "drifting", { "map.yaml": configMap("colour", "blue", { namespace: "default" }) });
    await create("drifting", { path: "./drifting", drift: "report" });
    await condition("drifting", "Ready", { status: "True" });
    const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "default", name: "colour" };
    const patch = { type: "merge", body: { data: { value: "mauve" } } } as const;
    await world.admin.patch(ref, patch, { fieldManager: "somebody" }, signal);
    await condition("drifting", "Drifted", { status: "True" });
    const { stdout, code } = await why("cm/colour", "-n", "default");
    expect(stdout).toMatch(/^ {2}drift {4}data\.value is mauve, and should be blue \(changed by somebody, \S+ ago\)$/m);
    expect(code).toBe(1);
    expect((await why("drifting")).stdout).toContain("objects differ from the repository");
  });
});
