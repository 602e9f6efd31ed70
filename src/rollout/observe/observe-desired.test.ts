/** What is asked about a desired object, and what is known without a request. */
import { beforeEach, describe, expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { labelsOf, never, settings } from "../../../test/rollout/objects.ts";
import type { Cluster, ResourceType } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { compileIgnoreRules } from "../../plan/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { observeDesired } from "./observe-desired.ts";

const type: ResourceType = {
  ...{ group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true },
  verbs: ["list"],
};
const desired = settings("web", {}, { data: { a: "git" } });

let fake: FakeCluster;
let requests: string[];
let target: ApplyTarget;

beforeEach(() => {
  fake = new FakeCluster();
  requests = [];
  const counted =
    <A extends readonly unknown[], R>(name: string, call: (...args: A) => R) =>
    (...args: A): R => {
      requests.push(name);
      return call(...args);
    };
  const cluster: Cluster = {
    ...fake.cluster,
    get: counted("get", fake.cluster.get),
    apply: counted("dry run", fake.cluster.apply),
    create: counted("create", fake.cluster.create),
    patch: counted("patch", async () => desired),
  };
  target = fake.target({ cluster });
});

const observed = (object = desired, more: Partial<Parameters<typeof observeDesired>[1]> = {}) =>
  observeDesired(
    target,
    { manifest: manifestOf(object), type, pending: new Set(), ignored: [], trees: [], ...more },
    never,
  );

describe("without a request", () => {
  test("an object whose kind is not served yet, or whose namespace does not exist", async () => {
    fake.put(desired);
    expect(await observed(desired, { type: undefined })).toEqual({ object: desired, live: undefined });
    expect(await observed(desired, { pending: new Set(["shop"]) })).toEqual({ object: desired, live: undefined });
    expect(requests).toEqual([]);
  });

  test("an object that was found clean and has not changed since", async () => {
    const live = fake.put(desired);
    await observed();
    requests = [];
    expect(await observed()).toEqual({ object: desired, live, applied: live });
    expect(requests).toEqual([]);
  });

  test("drift that was compared at this version", async () => {
    fake.put(settings("web", {}, { data: { a: "by hand" } }));
    const first = await observed();
    requests = [];
    expect(await observed()).toBe(first);
    expect(requests).toEqual([]);
  });

  test("one to be left alone that the watch shows", async () => {
    const disabled = settings("web", { annotations: { "mooring.dev/reconcile": "disabled" } });
    const live = fake.put(desired);
    expect(await observed(disabled)).toEqual({ object: disabled, live });
    expect(requests).toEqual([]);
  });
});

describe("with one dry run and no more than one read", () => {
  test("an object that does not exist", async () => {
    expect(await observed()).toMatchObject({ live: undefined, created: true, applied: { data: { a: "git" } } });
    expect(requests).toEqual(["dry run"]);
  });

  test("an object that drifted", async () => {
    const live = fake.put(settings("web", {}, { data: { a: "by hand" } }));
    expect(await observed()).toMatchObject({ live, applied: { data: { a: "git" } } });
    expect(requests).toEqual(["get", "dry run"]);
  });

  test("an object without labels, which the watch does not show", async () => {
    fake.put(desired);
    target = { ...target, view: { ...target.view, get: () => undefined } };
    expect(await observed()).toMatchObject({ live: { data: { a: "git" } }, created: false });
    expect(requests).toEqual(["dry run", "get"]);
  });

  test("an object that was changed after it was found clean", async () => {
    fake.put(desired);
    await observed();
    fake.put(settings("web", {}, { data: { a: "by hand" } }));
    requests = [];
    expect(await observed()).toMatchObject({ applied: { data: { a: "git" } } });
    expect(requests).toEqual(["get", "dry run"]);
  });
});

test.each(["Ignore", "IfNotPresent"])("one with ssa: %s is only read", async (policy) => {
  const object = settings("web", { annotations: { "mooring.dev/ssa": policy } });
  expect(await observed(object)).toEqual({ object, live: undefined });
  expect(requests).toEqual(["get"]);
});

test("one whose version is still to come is read in the version that is served", async () => {
  const widget = (version: string): KubeObject => ({
    ...{ apiVersion: `example.com/${version}`, kind: "Widget" },
    metadata: { name: "w", namespace: "shop", labels: labelsOf() },
  });
  fake.put(widget("v1"));
  const served = { ...type, group: "example.com", version: "v1", kind: "Widget", plural: "widgets" };
  expect(await observed(widget("v2"), { type: served })).toMatchObject({
    object: { apiVersion: "example.com/v2" },
    live: { apiVersion: "example.com/v1" },
  });
  expect(requests).toEqual(["get"]);
});

describe("an object that is being deleted is asked about as one to be made", () => {
  const going = settings("web", { deletionTimestamp: "2026-01-01T00:00:00Z", finalizers: ["a/b"] });

  test("and accepted", async () => {
    const live = fake.put(going);
    expect(await observed()).toEqual({ object: desired, live, rejection: undefined });
    expect(requests).toEqual(["get", "create"]);
  });

  test("or refused", async () => {
    fake.put(going);
    fake.refuse = ({ verb }) => (verb === "create" ? new Failure("AdmissionDenied", { message: "no" }) : undefined);
    expect(await observed()).toMatchObject({ rejection: { code: "AdmissionDenied" } });
  });

  test("also where the watch does not show it", async () => {
    fake.put(going);
    target = { ...target, view: { ...target.view, get: () => undefined } };
    await observed();
    expect(requests).toEqual(["dry run", "get", "create"]);
  });
});

describe("an answer of the API server", () => {
  test.each(["ObjectInvalid", "FieldImmutable", "AdmissionDenied", "QuotaExceeded", "Forbidden"] as const)(
    "that refuses the object is part of the observation, and not remembered: %s",
    async (code) => {
      fake.put(settings("web", {}, { data: { a: "by hand" } }));
      fake.refuse = () => new Failure(code, { message: "no" });
      expect(await observed()).toMatchObject({ rejection: { code, problems: [{ file: "web.yaml" }] } });
      fake.refuse = () => undefined;
      expect(await observed()).not.toHaveProperty("rejection");
    },
  );

  test.each(["ClusterUnreachable", "ClusterBusy", "Unauthorized"] as const)(
    "that says nothing about the object is thrown: %s",
    async (code) => {
      fake.refuse = () => new Failure(code, { message: "no" });
      await expect(observed()).rejects.toMatchObject({ code });
    },
  );
});

test("what is left to others is compared without it, whatever it is in the cluster", async () => {
  const web = (replicas: number): KubeObject => ({ ...settings("web"), spec: { replicas } });
  fake.put(web(5));
  target = { ...target, ignore: [{ paths: ["/spec/replicas"] }] };
  const manifest = manifestOf(web(1));
  const { keys, trees } = compileIgnoreRules(target.ignore, [manifest])(manifest.object, manifest.id);
  const { object } = await observed(web(1), { ignored: keys, trees });
  expect(object).not.toHaveProperty("spec.replicas");
  requests = [];
  await observed(web(1), { ignored: keys, trees });
  expect(requests).toEqual([]);
});
