import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Cluster, connect, type Patch } from "../../src/cluster/index.ts";
import { objectAt, stringAt } from "../../src/model/json/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { goMissing } from "../toolchain/tools.ts";
import { createBench, type PlanBench } from "./plan-bench.ts";

const { signal } = new AbortController();

describe.skipIf(goMissing() !== undefined)("fields of former managers (skipped without Go)", () => {
  let plane: ControlPlane;
  let cluster: Cluster;
  let bench: PlanBench;

  beforeAll(async () => {
    plane = await startControlPlane({ schedulerAndControllers: false });
    cluster = await connect({ from: "files", paths: [plane.kubeconfig] });
    bench = createBench(cluster);
  });
  afterAll(async () => {
    await bench?.close();
    await cluster?.close();
    await plane?.stop();
  });

  const settings = (name: string, data: Readonly<Record<string, string>>): KubeObject => ({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "default" },
    data,
  });
  const ref = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", namespace: "default", name });
  const patch = (name: string, data: Readonly<Record<string, string>>, fieldManager: string) => {
    const change: Patch = { type: "merge", body: { data } };
    return cluster.patch(ref(name), change, { fieldManager }, signal);
  };
  const dataOf = async (name: string) => objectAt(await cluster.get(ref(name), signal), "data");

  test.each([
    "kubectl-client-side-apply",
    "kubectl-create",
    "kubectl-edit",
    "kubectl-replace",
    "before-first-apply",
    "helm",
    "flux",
    "kustomize-controller",
  ])("of %s go when they are not in the repository, as the plan says", async (manager) => {
    const object = settings(manager, { kept: "yes" });
    await cluster.apply(object, { dryRun: false, force: true }, signal);
    await patch(manager, { stuck: "yes" }, manager);
    const plan = await bench.plan([object]);
    expect(plan.actions[0]?.action).toEqual({
      type: "update",
      found: true,
      changes: expect.arrayContaining([
        { path: "/data/stuck", from: "yes", to: undefined, manager },
        { path: "/metadata/managedFields", from: manager, to: "mooring" },
      ]),
    });
    await bench.run([object]);
    expect(await dataOf(manager)).toEqual({ kept: "yes" });
    expect((await bench.plan([object])).actions[0]?.action.type).toBe("unchanged");
  });

  test.each(["kubectl-rollout", "kubectl-scale", "some-controller"])("of %s stay", async (manager) => {
    const object = settings(manager, { kept: "yes" });
    await bench.run([object]);
    await patch(manager, { other: "yes" }, manager);
    expect((await bench.plan([object])).actions[0]?.action.type).toBe("unchanged");
    expect(await dataOf(manager)).toEqual({ kept: "yes", other: "yes" });
  });

  test("go when they leave the repository after the take over", async () => {
    await patchless("later", "kubectl-client-side-apply", { kept: "yes", later: "gone" });
    await bench.run([settings("later", { kept: "yes", later: "gone" })]);
    expect(await dataOf("later")).toEqual({ kept: "yes", later: "gone" });
    await bench.run([settings("later", { kept: "yes" })]);
    expect(await dataOf("later")).toEqual({ kept: "yes" });
  });

  async function patchless(name: string, manager: string, data: Readonly<Record<string, string>>): Promise<void> {
    await cluster.apply(settings(name, {}), { dryRun: false, force: true, fieldManager: "maker" }, signal);
    await patch(name, data, manager);
  }

  test("of a Secret's stringData go as well", async () => {
    const secret = (stringData: Readonly<Record<string, string>>): KubeObject => ({
      ...settings("texts", {}),
      kind: "Secret",
      data: { kept: "eWVz" },
      stringData,
    });
    const live = () => cluster.get({ ...ref("texts"), kind: "Secret" }, signal);
    await bench.run([secret({ later: "gone" })]);
    expect(objectAt(await live(), "data")).toEqual({ kept: "eWVz", later: "Z29uZQ==" });
    await bench.run([secret({})]);
    expect(objectAt(await live(), "data")).toEqual({ kept: "eWVz" });
  });

  test("stay where the object is only merged", async () => {
    const object = settings("merged", { kept: "yes" });
    const merged = { ...object, metadata: { ...object.metadata, annotations: { "mooring.dev/ssa": "Merge" } } };
    await bench.run([merged]);
    await patch("merged", { other: "yes" }, "kubectl-edit");
    expect((await bench.plan([merged])).actions[0]?.action.type).toBe("unchanged");
  });

  test("are known from defaults, and from what others hold", async () => {
    const container = { name: "app", image: "web:1" };
    const web = (replicas: object, containers: readonly object[]) => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "default" },
      spec: {
        ...replicas,
        selector: { matchLabels: { app: "web" } },
        template: { metadata: { labels: { app: "web" } }, spec: { containers } },
      },
    });
    const extra = { name: "debug", image: "shell:1" };
    const was = web({ replicas: 4 }, [container, extra]) as unknown as KubeObject;
    await cluster.create(was, signal).then((made) => handTo("kubectl-create", made));
    const now = web({}, [container]) as unknown as KubeObject;
    const action = (await bench.plan([now])).actions[0]?.action;
    const paths = action?.type === "update" ? action.changes.map(({ path }) => path) : [];
    expect(paths).toEqual([
      "/metadata/labels",
      "/spec/replicas",
      "/spec/template/spec/containers/1",
      "/metadata/managedFields",
    ]);
    await bench.run([now]);
    const live = await cluster.get(
      { apiVersion: "apps/v1", kind: "Deployment", namespace: "default", name: "web" },
      signal,
    );
    expect(objectAt(live, "spec")).toMatchObject({ replicas: 1, revisionHistoryLimit: 10 });
    expect(objectAt(live, "spec", "template", "spec")?.containers).toMatchObject([container]);
    expect(stringAt(live, "metadata", "uid")).toBeDefined();
  });

  /** `create` writes as mooring; this gives its fields to another manager. */
  async function handTo(manager: string, { apiVersion, kind, metadata }: KubeObject): Promise<void> {
    const entries = (metadata.managedFields as readonly object[]).map((entry) => ({ ...entry, manager }));
    const body = [{ op: "replace", path: "/metadata/managedFields", value: entries }];
    const { name, namespace = "" } = metadata;
    await cluster.patch({ apiVersion, kind, namespace, name }, { type: "json", body }, {}, signal);
  }
});
