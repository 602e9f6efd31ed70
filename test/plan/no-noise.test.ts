import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { IgnoreRule } from "../../src/api/environment/rollout-spec.ts";
import { type Cluster, connect, refOf } from "../../src/cluster/index.ts";
import { type JsonObject, objectAt } from "../../src/model/json/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { changes } from "../../src/plan/index.ts";
import { certificate } from "../cluster/certificate.ts";
import { type ControlPlane, startControlPlane } from "../support/control-plane/control-plane.ts";
import { eventually } from "../support/wait.ts";
import { goMissing } from "../toolchain/tools.ts";
import { createBench, type PlanBench } from "./plan-bench.ts";

const { signal } = new AbortController();
const namespace = "default";
const meta = (name: string) => ({ name, namespace });
const passes = 1_000;

describe.skipIf(goMissing() !== undefined)("what others do with their own fields (skipped without Go)", () => {
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

  /** Changes an object as somebody else does. */
  const meddle = (object: KubeObject, body: JsonObject, fieldManager: string) =>
    cluster.patch(refOf(object), { type: "strategic", body }, { fieldManager }, signal);

  /** Nothing is to be done, asked afresh (by a bench that remembers nothing) and a thousand times over; nothing is written. */
  async function expectQuiet(objects: readonly KubeObject[], ignore: readonly IgnoreRule[] = []): Promise<void> {
    const fresh = createBench(cluster);
    try {
      expect(changes(await fresh.plan(objects, ignore))).toEqual([]);
    } finally {
      await fresh.close();
    }
    const versions = () =>
      Promise.all(objects.map(async (each) => (await cluster.get(refOf(each), signal))?.metadata.resourceVersion));
    const before = await versions();
    const { apply, patch } = cluster.stats();
    for (let pass = 0; pass < passes; pass += 1) await bench.run(objects, ignore);
    expect(cluster.stats()).toMatchObject({ apply, patch });
    expect(await versions()).toEqual(before);
  }

  const deployment = (name: string, spec: JsonObject = {}, container: JsonObject = {}): KubeObject => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: meta(name),
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: { containers: [{ name: "app", image: "web:1", ...container }] },
      },
      ...spec,
    },
  });

  test("quantities may be written in any way", async () => {
    const resources = { requests: { cpu: "1000m", memory: "1024Mi" }, limits: { cpu: 1, memory: "1.0Gi" } };
    const written = deployment("quantities", {}, { resources, ports: [{ containerPort: 80 }] });
    const quota = {
      apiVersion: "v1",
      kind: "ResourceQuota",
      metadata: meta("quota"),
      spec: { hard: { cpu: 4, "requests.memory": "2048Mi", pods: "10" } },
    };
    await bench.run([written, quota]);
    await expectQuiet([written, quota]);
  });

  test("an autoscaler's replicas are its own", async () => {
    const web = deployment("scaled");
    const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "scaled" };
    const metrics = [
      { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 60 } } },
    ];
    const spec = { scaleTargetRef, minReplicas: 2, maxReplicas: 9, metrics };
    const scaler = { apiVersion: "autoscaling/v2", kind: "HorizontalPodAutoscaler", metadata: meta("scaled"), spec };
    await bench.run([web, scaler]);
    await cluster.patch(
      refOf(web),
      { type: "merge", body: { spec: { replicas: 7 } } },
      { subresource: "scale", fieldManager: "kube-controller-manager" },
      signal,
    );
    await expectQuiet([web, scaler]);
    expect(objectAt(await cluster.get(refOf(web), signal), "spec")?.replicas).toBe(7);
  });

  test("a restart, an injected sidecar, other people's labels and the API server's defaults stay", async () => {
    const web = deployment("meddled");
    await bench.run([web]);
    const restartedAt = { "kubectl.kubernetes.io/restartedAt": "2026-01-01T00:00:00Z" };
    await meddle(web, { spec: { template: { metadata: { annotations: restartedAt } } } }, "kubectl-rollout");
    const injected = {
      containers: [{ name: "proxy", image: "proxy:1" }],
      initContainers: [{ name: "init", image: "proxy:1" }],
    };
    await meddle(web, { spec: { template: { spec: injected } } }, "injector");
    const notes = { annotations: { "deployment.kubernetes.io/revision": "3" }, labels: { "example.com/cost": "low" } };
    await meddle(web, { metadata: { ...notes, finalizers: ["example.com/keep"] } }, "some-controller");
    await cluster.patch(
      refOf(web),
      { type: "merge", body: { status: { replicas: 2 } } },
      { subresource: "status" },
      signal,
    );
    await expectQuiet([web]);
    const live = await cluster.get(refOf(web), signal);
    expect(live?.metadata.labels).toMatchObject({ "example.com/cost": "low" });
    expect(objectAt(live, "spec", "template", "spec")?.containers).toHaveLength(2);
  });

  test("an injected caBundle stays", async () => {
    const webhook = {
      name: "check.example.com",
      admissionReviewVersions: ["v1"],
      sideEffects: "None",
      failurePolicy: "Ignore",
      clientConfig: { service: { name: "check", namespace, path: "/check" } },
      rules: [{ apiGroups: ["example.com"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["things"] }],
    };
    const hook: KubeObject = {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind: "ValidatingWebhookConfiguration",
      metadata: { name: "check" },
      webhooks: [webhook],
    };
    await bench.run([hook]);
    const caBundle = Buffer.from(certificate().cert).toString("base64");
    await meddle(hook, { webhooks: [{ name: "check.example.com", clientConfig: { caBundle } }] }, "cainjector");
    await expectQuiet([hook]);
    const live = await cluster.get(refOf(hook), signal);
    expect(live?.webhooks).toMatchObject([{ clientConfig: { caBundle } }]);
  });

  test("drift that is only reported is asked about once, until either side moves", async () => {
    const asked = () => {
      const { get, dryRun } = cluster.stats();
      return get + dryRun;
    };
    const planned = async (objects: readonly KubeObject[], ignore: readonly IgnoreRule[] = []) => {
      const before = asked();
      const paths = changes(await bench.plan(objects, ignore)).flatMap(({ action }) =>
        action.type === "update" ? action.changes.map(({ path }) => path) : [action.type],
      );
      return { paths, requests: asked() - before };
    };
    /** What a pass after this one finds, as soon as the watch shows what was done, and that it asks nothing. */
    const untilRemembered = (objects: readonly KubeObject[], paths: readonly string[]) =>
      eventually(async () => isDeepStrictEqual(await planned(objects), { paths, requests: 0 }), {
        what: `${paths} to be known without a request`,
      });
    const wanted = deployment("reported");
    await bench.run([wanted]);
    await untilRemembered([wanted], []);
    await meddle(wanted, { spec: { replicas: 3 } }, "somebody");
    await untilRemembered([wanted], ["/spec/replicas"]);
    await meddle(
      wanted,
      { spec: { template: { spec: { containers: [{ name: "app", image: "web:2" }] } } } },
      "somebody",
    );
    await untilRemembered([wanted], ["/spec/replicas", "/spec/template/spec/containers/0/image"]);
    expect((await planned([deployment("reported", { replicas: 3 })])).paths).toHaveLength(1);
    const ignore = [{ target: { kind: "Deployment" }, paths: ["/spec/replicas"] }];
    expect((await planned([wanted], ignore)).paths).toHaveLength(1);
  });

  test("spec.ignore leaves fields to others by target and JSON pointer", async () => {
    const web = deployment("ignored");
    const rules: readonly IgnoreRule[] = [
      {
        target: { kind: "Deployment", name: "ignored" },
        paths: ["/spec/replicas", "/spec/template/spec/containers/0/image"],
      },
    ];
    await bench.run([web], rules);
    await meddle(
      web,
      { spec: { replicas: 5, template: { spec: { containers: [{ name: "app", image: "web:2" }] } } } },
      "image-updater",
    );
    await expectQuiet([web], rules);
    const elsewhere: readonly IgnoreRule[] = [{ target: { name: "other" }, paths: ["/spec/replicas"] }];
    const fresh = createBench(cluster);
    const [action] = (await fresh.plan([web], elsewhere)).actions;
    await fresh.close();
    expect(action?.action).toEqual({
      type: "update",
      changes: [
        { path: "/spec/replicas", from: 5, to: 2, manager: "image-updater" },
        { path: "/spec/template/spec/containers/0/image", from: "web:2", to: "web:1", manager: "image-updater" },
      ],
    });
  });
});
