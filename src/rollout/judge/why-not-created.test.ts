/** Whether an object could be created is asked by dry run under another name: what only its former self blocks is no reason. */
import { describe, expect, test } from "vitest";
import { FakeCluster, manifestOf } from "../../../test/rollout/fake-cluster.ts";
import { never, settings } from "../../../test/rollout/objects.ts";
import type { Cluster } from "../../cluster/index.ts";
import { Failure, type FailureCode, type Problem } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { whyNotCreated } from "./why-not-created.ts";

/** What is sent for an object, and whether it is a dry run. */
async function sentFor(object: KubeObject) {
  const sent: (readonly [KubeObject, boolean | undefined])[] = [];
  const create: Cluster["create"] = async (each, _signal, options) => {
    sent.push([each, options?.dryRun]);
    return each;
  };
  const fake = new FakeCluster();
  const target = fake.target({ cluster: { ...fake.cluster, create } });
  expect(await whyNotCreated(target, { manifest: manifestOf(object), object }, never)).toBeUndefined();
  const [[asked, dryRun] = [object, undefined]] = sent;
  expect(dryRun).toBe(true);
  return asked;
}

function refusedBy(failure: Failure, object = settings("web")) {
  const fake = new FakeCluster();
  fake.refuse = () => failure;
  return whyNotCreated(fake.target(), { manifest: manifestOf(object), object }, never);
}

describe("the name it is asked under", () => {
  test.each([
    ["configuration", /^configu[0-9a-f]{6}$/],
    ["web", /^[0-9a-f]{3}$/],
    ["a", /^[0-9a-f]$/],
  ])("of %s is as long as that and begins alike", async (name, expected) => {
    const { metadata } = await sentFor(settings(name));
    expect(metadata.name).toMatch(expected);
    expect(metadata.name).toHaveLength(name.length);
    expect(metadata.namespace).toBe("shop");
  });

  test("is the same each time, and another one in another namespace", async () => {
    const one = await sentFor(settings("configuration"));
    const again = await sentFor(settings("configuration"));
    const elsewhere = await sentFor(settings("configuration", { namespace: "office" }));
    expect(again.metadata.name).toBe(one.metadata.name);
    expect(elsewhere.metadata.name).not.toBe(one.metadata.name);
  });
});

describe("a Service is asked about without what only one can have", () => {
  const service = (spec: KubeObject["spec"]): KubeObject => ({
    ...{ apiVersion: "v1", kind: "Service", metadata: { name: "web", namespace: "shop" } },
    ...(spec === undefined ? {} : { spec }),
  });

  test.each<readonly [what: string, spec: KubeObject["spec"], sent: KubeObject["spec"]]>([
    [
      "addresses and node ports",
      {
        clusterIP: "10.0.0.1",
        clusterIPs: ["10.0.0.1"],
        healthCheckNodePort: 30_001,
        selector: { app: "web" },
        ports: [{ port: 80, nodePort: 30_000 }, { port: 81 }],
      },
      { selector: { app: "web" }, ports: [{ port: 80 }, { port: 81 }] },
    ],
    ["but headless it stays", { clusterIP: "None" }, { clusterIP: "None" }],
    ["nothing where it has nothing", undefined, {}],
    ["and what is no port as it is", { ports: ["80"] }, { ports: ["80"] }],
  ])("%s", async (_what, spec, sent) => {
    expect((await sentFor(service(spec))).spec).toEqual(sent);
  });

  test("and another kind with all it has", async () => {
    const spec = { clusterIP: "10.0.0.1" };
    expect((await sentFor({ ...settings("web"), spec })).spec).toEqual(spec);
  });
});

describe("an answer that", () => {
  test.each<readonly [code: FailureCode, problem: Problem]>([
    ["QuotaExceeded", { message: "exceeded quota: tight" }],
    ["ObjectInvalid", { message: "must be unique", field: "metadata.name" }],
    ["ObjectInvalid", { message: "provided port is already allocated", field: "spec.ports[0].nodePort" }],
    ["ObjectInvalid", { message: 'ingress "other" already exists on this host' }],
    ["ObjectInvalid", { message: "the address is already in use" }],
  ])("only the former object or its neighbours cause is no reason: %s, %o", async (code, problem) => {
    expect(await refusedBy(new Failure(code, problem))).toBeUndefined();
  });

  test("is a refusal is told of the object by its own name and file", async () => {
    const refusal = new Failure("AdmissionDenied", { message: "no", object: "ConfigMap/shop/f3a9c1" });
    expect(await refusedBy(refusal)).toMatchObject({
      code: "AdmissionDenied",
      problems: [{ message: "no", object: "ConfigMap/shop/web", file: "web.yaml", line: 1 }],
    });
  });

  test("has one reason beside those is one", async () => {
    const refusal = new Failure("ObjectInvalid", [
      { message: "is already allocated" },
      { message: "is required", field: "spec.selector" },
    ]);
    expect(await refusedBy(refusal)).toMatchObject({ code: "ObjectInvalid" });
  });

  test.each<FailureCode>(["Forbidden", "ClusterUnreachable", "ClusterBusy"])(
    "says nothing against the object is thrown: %s",
    async (code) => {
      await expect(refusedBy(new Failure(code, { message: "no" }))).rejects.toMatchObject({ code });
    },
  );

  test("is no failure is thrown as it is", async () => {
    const fake = new FakeCluster();
    const create = () => Promise.reject(new TypeError("a bug"));
    const target = fake.target({ cluster: { ...fake.cluster, create } });
    const object = settings("web");
    await expect(whyNotCreated(target, { manifest: manifestOf(object), object }, never)).rejects.toThrow(TypeError);
  });
});
