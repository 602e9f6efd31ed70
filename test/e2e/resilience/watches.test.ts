import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type JsonObject, numberAt } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { isCall, type MortalAgent, startMortalAgent } from "../../support/agent/mortal-agent.ts";
import type { WorkTree } from "../../support/git/work-tree.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { commitFolder, configMap, namespace, owned } from "../shop.ts";

const { signal } = new AbortController();
const options = { dryRun: false, force: true, fieldManager: "test" };
const group = "shop.example";

/** The definition of Widgets, served in these versions; the last one is stored. */
function definition(versions: readonly string[], { served = versions, scope = "Namespaced" } = {}): KubeObject {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `widgets.${group}` },
    spec: {
      group,
      scope,
      names: { kind: "Widget", plural: "widgets", singular: "widget", listKind: "WidgetList" },
      versions: versions.map((name) => ({
        ...{ name, schema, served: served.includes(name), storage: name === versions.at(-1) },
        subresources: { scale: { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" } },
      })),
    },
  };
}

const widget = (version: string, name: string, spec: string, where = "namespace: shop, ") =>
  `apiVersion: ${group}/${version}\nkind: Widget\nmetadata: {${where}name: ${name}}\nspec: ${spec}\n`;

const autoscaler = (target: string) => `apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: scaler, namespace: shop}
spec:
  maxReplicas: 5
  scaleTargetRef: {apiVersion: ${group}/v1, kind: Widget, name: ${target}}
`;

const ingress = `apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}
`;

describe("what is watched", { timeout: 180_000 }, () => {
  let world: World;
  let agent: MortalAgent;
  let tree: WorkTree;
  let url: string;
  const commit = (files: Readonly<Record<string, string>>) =>
    commitFolder(tree, "app", { "ns.yaml": namespace("shop"), ...files });
  const environment = (more: JsonObject = {}) =>
    world.environment("shop", {
      ...{ source: { url, ref: { branch: "main" } }, path: "./app", interval: "300ms", retryInterval: "300ms" },
      ...{ timeout: "20s", ...more },
    });
  const ready = (sha?: string) =>
    world.condition("shop", "Ready", { status: "True", ...(sha === undefined ? {} : { revision: sha }) });
  const live = (name: string, version = "v1", where = "shop") =>
    world.admin.get({ apiVersion: `${group}/${version}`, kind: "Widget", namespace: where, name }, signal);
  const outcomes = async () => (await world.status("shop")).history?.map(({ outcome }) => outcome) ?? [];
  const define = async (object: KubeObject) => {
    await world.admin.apply(object, options, signal);
  };

  beforeAll(async () => {
    world = await startWorld({ schedulerAndControllers: false });
    agent = await startMortalAgent(world);
    const repository = await world.repository("environment");
    ({ tree, url } = repository);
  });
  afterAll(async () => {
    await agent?.stop();
    await world?.stop();
  });

  it("follows the versions that are served: a retired one costs neither a rollout nor what it is to prune", async () => {
    await define(definition(["v1beta1", "v1"]));
    const both = { "a.yaml": widget("v1beta1", "a", "{size: 1}"), "b.yaml": widget("v1beta1", "b", "{size: 1}") };
    const files = { ...both, "c.yaml": widget("v1beta1", "c", "{size: 1}") };
    // Until the kind is served nothing is known of it.
    await eventually(() => world.admin.resource(`${group}/v1beta1`, "Widget", signal), { what: "the kind" });
    const first = await commit(files);
    await environment();
    await ready(first);
    const moved = await commit({
      ...files,
      "a.yaml": widget("v1", "a", "{size: 2}"),
      "c.yaml": widget("v1", "c", "{size: 1}"),
    });
    await ready(moved);
    await define(definition(["v1beta1", "v1"], { served: ["v1"] }));
    await eventually(async () => (await live("a", "v1beta1").catch(() => undefined)) === undefined, {
      what: "v1beta1 to go",
    });
    const last = await commit({ "a.yaml": widget("v1", "a", "{size: 3}"), "c.yaml": widget("v1", "c", "{size: 3}") });
    await ready(last);
    expect((await live("c"))?.spec).toEqual({ size: 3 });
    expect(await live("b")).toBeUndefined();
    expect(await owned(world, "shop")).toEqual([
      "_shop__Namespace",
      `shop_a_${group}_Widget`,
      `shop_c_${group}_Widget`,
    ]);
    expect(await outcomes()).not.toContain("RolledBack");
  });

  it("a kind that is made again with another scope is the other kind", async () => {
    await world.admin.delete(
      { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", name: `widgets.${group}` },
      { propagation: "Background" },
      signal,
    );
    const sha = await commit({ "a.yaml": widget("v1", "a", "{size: 4}", "") });
    await eventually(() => define(definition(["v1"], { scope: "Cluster" })).then(() => true), {
      what: "the definition",
    });
    await ready(sha);
    expect((await live("a", "v1", ""))?.spec).toEqual({ size: 4 });
    expect(await owned(world, "shop")).toEqual([`_a_${group}_Widget`, "_shop__Namespace"]);
    const gone = await commit({});
    await ready(gone);
    expect(await live("a", "v1", "")).toBeUndefined();
  });

  it("what a health expression reads is watched whole, while there is one", async () => {
    const rule = {
      apiVersion: "networking.k8s.io/v1",
      kind: "Ingress",
      current: "size(status.loadBalancer.ingress) > 0",
    };
    const before = await commit({ "web.yaml": ingress });
    await ready(before);
    await environment({ healthCheckExprs: [rule] });
    const sha = await commit({ "web.yaml": ingress, "more.yaml": configMap("more", "1") });
    await world.condition("shop", "Reconciling", { status: "True", revision: sha });
    const ref = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", namespace: "shop", name: "web" };
    const body = { status: { loadBalancer: { ingress: [{ ip: "192.0.2.1" }] } } };
    await world.admin.patch(ref, { type: "merge", body }, { subresource: "status" }, signal);
    await ready(sha);
    expect(await outcomes()).not.toContain("RolledBack");
    const watches = () => agent.proxy.requests.filter(({ path, isWatch }) => isWatch && path.endsWith("/ingresses"));
    expect(watches().length).toBeGreaterThan(1);
    await environment();
    await ready(await commit({ "web.yaml": ingress }));
  });

  it("what an autoscaler owned is set back when it leaves, and left when it comes for another", async () => {
    await world.admin.delete(
      { apiVersion: "apiextensions.k8s.io/v1", kind: "CustomResourceDefinition", name: `widgets.${group}` },
      { propagation: "Background" },
      signal,
    );
    await eventually(() => define(definition(["v1"])).then(() => true), { what: "the definition" });
    const pair = { "x.yaml": widget("v1", "x", "{replicas: 1}"), "y.yaml": widget("v1", "y", "{replicas: 1}") };
    const replicas = async (name: string) => numberAt(await live(name), "spec", "replicas");
    const scale = async (name: string) => {
      const ref = { apiVersion: `${group}/v1`, kind: "Widget", namespace: "shop", name };
      await world.admin.patch(ref, { type: "merge", body: { spec: { replicas: 3 } } }, { fieldManager: "hpa" }, signal);
    };
    await ready(await commit({ ...pair, "hpa.yaml": autoscaler("x") }));
    await scale("x");
    await ready(await commit({ ...pair, "hpa.yaml": autoscaler("x"), "m.yaml": configMap("m", "1") }));
    expect(await replicas("x")).toBe(3);
    await ready(await commit({ ...pair, "hpa.yaml": autoscaler("y") }));
    await eventually(async () => (await replicas("x")) === 1, { what: "x to be as Git says" });
    await scale("y");
    await ready(await commit(pair));
    await eventually(async () => (await replicas("y")) === 1, { what: "y to be as Git says" });
  });

  it("a list for healthChecks that hangs or fails keeps neither a newer commit, nor the deadline, nor a deletion", async () => {
    const healthChecks = [{ apiVersion: "v1", kind: "ConfigMap", name: "theirs", namespace: "default" }];
    const theirs = "/api/v1/namespaces/default/configmaps";
    agent.proxy.inject(({ path }) => (path === theirs ? { kind: "hang" } : undefined));
    await environment({ healthChecks, timeout: "3s" });
    const hung = await commit({ "m.yaml": configMap("m", "2") });
    const ended = await world.condition("shop", "Ready", { status: "False", revision: hung });
    // An API server that does not answer says nothing against the revision.
    expect(ended.conditions?.find(({ type }) => type === "Ready")?.reason).not.toBe("RolledBack");
    // Nobody here would ever end a Namespace that is deleted.
    await environment({ healthChecks, timeout: "1h", deletionPolicy: "Orphan" });
    agent.proxy.inject(({ path }) => (path === theirs ? { kind: "status", status: 500 } : undefined));
    const failing = await commit({ "m.yaml": configMap("m", "3") });
    await world.condition("shop", "Reconciling", { status: "True", revision: failing });
    const newer = await commit({ "m.yaml": configMap("m", "4") });
    await world.condition("shop", "Reconciling", { status: "True", revision: newer });
    expect((await world.get("ConfigMap", "shop", "m"))?.data).toEqual({ value: "4" });
    const ref = { apiVersion: "mooring.dev/v1alpha1", kind: "Environment", namespace: "mooring-system", name: "shop" };
    await world.admin.delete(ref, { propagation: "Background" }, signal);
    await eventually(async () => (await world.admin.get(ref, signal)) === undefined, { what: "the Environment to go" });
    agent.proxy.inject();
  });

  it("versions without an order, as of an aggregated API, are as good as others", async () => {
    await agent.stop();
    agent = await startMortalAgent(world, (proxy) => proxy.hideOrder());
    await define(definition(["v1"]));
    await eventually(() => world.admin.resource(`${group}/v1`, "Widget", signal), { what: "the kind" });
    const first = await commit({ "m.yaml": configMap("m", "1"), "n.yaml": configMap("n", "1") });
    await environment();
    await ready(first);
    for (const value of ["2", "3"]) {
      const sha = await commit({
        "m.yaml": configMap("m", value),
        "w.yaml": widget("v1", "w", `{replicas: ${value}}`),
      });
      agent.proxy.dropConnections();
      await ready(sha);
    }
    // Somebody writes between our write and what the watch shows of it.
    agent.proxy.inject((request) =>
      request.isWatch || !isCall(request) ? { kind: "delayed-events", ms: 0 } : undefined,
    );
    const patch = { metadata: { labels: { theirs: "yes" } } };
    const ref = { apiVersion: "v1", kind: "ConfigMap", namespace: "shop", name: "m" };
    await world.admin.patch(ref, { type: "merge", body: patch }, {}, signal);
    await ready(await commit({ "m.yaml": configMap("m", "4") }));
    expect(agent.log()).not.toContain("this is a bug");
    expect(agent.deaths()).toBe(0);
    expect(await outcomes()).not.toContain("RolledBack");
  });
});
