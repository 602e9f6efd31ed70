import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { isObject, listAt, numberAt, objectAt, stringAt } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";
import { runMooring } from "../../cli/run-mooring.ts";
import { eventually } from "../../support/wait.ts";
import { startWorld, type World } from "../../support/world.ts";
import { goMissing } from "../../toolchain/tools.ts";
import { commitFolder, configMap, deployment, namespace, statefulSet } from "../shop.ts";

const signal = new AbortController().signal;
const owner = { "kustomize.toolkit.fluxcd.io/name": "shop", "kustomize.toolkit.fluxcd.io/namespace": "flux-system" };
const service = `apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{name: http, port: 80}]}
`;
const files = {
  "namespace.yaml": namespace("shop"),
  "web.yaml": deployment("web", "nginx:1", { replicas: 2 }),
  "db.yaml": statefulSet("db", "postgres:1"),
  "service.yaml": service,
  "settings.yaml": configMap("settings", "blue"),
};

/** The objects of Flux as `kubectl get -o yaml` prints them, the Kustomization suspended. */
const fluxObjects = (url: string) => `apiVersion: v1
kind: List
items:
- apiVersion: source.toolkit.fluxcd.io/v1
  kind: GitRepository
  metadata: {name: fleet, namespace: flux-system, uid: a, resourceVersion: "1"}
  spec: {interval: 1m, url: "${url}", ref: {branch: main}}
- apiVersion: kustomize.toolkit.fluxcd.io/v1
  kind: Kustomization
  metadata: {name: shop, namespace: flux-system, uid: b, resourceVersion: "1"}
  spec: {interval: 10m, path: ./shop, prune: true, suspend: true, sourceRef: {kind: GitRepository, name: fleet}}
`;

describe.skipIf(goMissing() !== undefined)("an environment that Flux has applied (skipped without Go)", () => {
  let world: World;
  let url: string;
  let podsOfFlux: readonly string[];

  const mooring = (args: readonly string[]) => runMooring([...args, "--kubeconfig", world.controlPlane.kubeconfig]);
  const live = async () => {
    const found = await Promise.all(Object.values(files).map(async (text) => world.admin.get(refIn(text), signal)));
    return found.filter((object) => object !== undefined);
  };
  const pods = async () => {
    const type = await world.admin.resource("v1", "Pod", signal);
    const all = type === undefined ? [] : (await world.admin.list(type, { namespace: "shop" }, signal)).items;
    const ready = all.filter((pod) =>
      listAt(pod, "status", "conditions").some(
        (condition) => stringAt(condition, "type") === "Ready" && stringAt(condition, "status") === "True",
      ),
    );
    return ready.map(({ metadata }) => metadata.uid ?? "").sort();
  };

  beforeAll(async () => {
    world = await startWorld();
    const repository = await world.repository("fleet");
    ({ url } = repository);
    await commitFolder(repository.tree, "shop", files);
    for (const text of [namespace("flux-system"), ...Object.values(files)]) {
      const object: KubeObject = parse(text);
      // What an older revision had stands in the objects as well, so that there is something to get stuck.
      const older = object.kind === "ConfigMap" ? { data: { value: "blue", forgotten: "yes" } } : {};
      const labels = { ...object.metadata.labels, ...owner };
      const applied = { ...object, ...older, metadata: { ...object.metadata, labels } };
      const options = { dryRun: false, force: true, fieldManager: "kustomize-controller" };
      await eventually(() => world.admin.apply(applied, options, signal), { what: `${object.kind} to be applied` });
    }
    podsOfFlux = await eventually(
      async () => {
        const found = await pods();
        return found.length === 3 ? found : undefined;
      },
      { what: "the pods of Flux's objects to be ready", timeout: 120_000 },
    );
    world.startAgent();
  });
  afterAll(() => world?.stop());

  test("is migrated, planned and taken over: no pod is replaced, and nothing of Flux stays", {
    timeout: 300_000,
  }, async () => {
    const migrated = await runMooring(["migrate", "flux", "-"], { stdin: fluxObjects(url) });
    expect(migrated.stderr).toBe("");
    const [document] = parseAllDocuments(migrated.stdout);
    const environment: KubeObject = document?.toJS();
    expect(environment).toMatchObject({
      metadata: { name: "shop", namespace: "flux-system" },
      spec: { suspend: true },
    });
    await world.admin.apply(environment, { dryRun: false, force: true, fieldManager: "kubectl" }, signal);

    const plan = await mooring(["plan", "shop", "-n", "flux-system"]);
    expect(plan.stderr).toBe("");
    expect(plan.code).toBe(1);
    expect(plan.stdout).toContain("data.forgotten");
    expect(plan.stdout).toMatch(/\nPlan: \d+ to change/);
    expect(plan.stdout).not.toMatch(/Plan: .*(create|delete|recreate)/);

    const generations = (await live()).map((object) => numberAt(object, "metadata", "generation"));
    expect((await mooring(["resume", "shop", "-n", "flux-system"])).code).toBe(0);
    const done = await mooring(["reconcile", "shop", "-n", "flux-system", "--timeout", "4m"]);
    expect(done.stderr).toBe("");
    expect(done.stdout).toMatch(/^environment\/shop is ready at main@sha1:/);

    expect(await pods()).toEqual(podsOfFlux);
    const taken = await live();
    expect(taken).toHaveLength(5);
    expect(taken.map((object) => numberAt(object, "metadata", "generation"))).toEqual(generations);
    for (const object of taken) {
      // Flux deletes only what carries these labels (fluxcd/pkg ssa/manager_delete.go).
      for (const label of Object.keys(owner)) expect(object.metadata.labels).not.toHaveProperty([label]);
      expect(object.metadata.labels).toMatchObject({ "environment.mooring.dev/name": "shop" });
      const managers = listAt(object, "metadata", "managedFields").map((entry) => stringAt(entry, "manager"));
      expect(managers).not.toContain("kustomize-controller");
    }
    const settings = taken.find(({ kind }) => kind === "ConfigMap");
    expect(objectAt(settings, "data")).toEqual({ value: "blue" });
  });
});

function refIn(text: string) {
  const object: unknown = parse(text);
  const { apiVersion = "", kind = "" } = isObject(object)
    ? { apiVersion: stringAt(object, "apiVersion"), kind: stringAt(object, "kind") }
    : {};
  const name = stringAt(object, "metadata", "name") ?? "";
  return { apiVersion, kind, name, namespace: stringAt(object, "metadata", "namespace") ?? "" };
}
