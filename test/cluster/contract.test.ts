import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  type Cluster,
  ConflictFailure,
  connect,
  type ResourceType,
  refOf,
  type WatchEvent,
} from "../../src/cluster/index.ts";
import { Failure } from "../../src/model/failure.ts";
import { type Json, objectAt, stringAt, valueAt } from "../../src/model/json/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import { startControlPlane } from "../support/control-plane/control-plane.ts";
import { MemoryCluster } from "../support/memory-cluster/memory-cluster.ts";
import { configMap, deployment } from "./objects.ts";

const { signal } = new AbortController();
const force = { dryRun: false, force: true };
const gently = { dryRun: false, force: false };

/** The cluster in memory keeps the promises that the real adapter keeps: the very same rows, over both. */
describe.each([
  ["in memory", async () => ({ cluster: new MemoryCluster() as Cluster, stop: async () => undefined })],
  [
    "a real API server",
    async () => {
      const plane = await startControlPlane({ schedulerAndControllers: false });
      return { cluster: await connect({ from: "files", paths: [plane.kubeconfig] }), stop: () => plane.stop() };
    },
  ],
] as const)("%s", (_name, start) => {
  let cluster: Cluster;
  let stop: () => Promise<unknown>;

  beforeAll(async () => {
    const started = await start();
    cluster = started.cluster;
    stop = started.stop;
  });

  afterAll(async () => {
    await cluster?.close();
    await stop?.();
  });

  const typeOf = async (apiVersion: string, kind: string): Promise<ResourceType> => {
    const type = await cluster.resource(apiVersion, kind, signal);
    if (type === undefined) throw new Error(`no ${kind}`);
    return type;
  };
  const ownedBy = async (object: KubeObject, manager: string) => {
    const live = await cluster.get(refOf(object), signal);
    const entries = (live?.metadata.managedFields ?? []) as readonly Json[];
    return objectAt(
      entries.find((entry) => stringAt(entry, "manager") === manager),
      "fieldsV1",
    );
  };

  describe("apply", () => {
    test("says that it created, gives an identity, and owns exactly what it set", async () => {
      const { object, created } = await cluster.apply(configMap("new", { a: "1" }), force, signal);
      expect(created).toBe(true);
      expect(object.metadata).toMatchObject({ uid: expect.any(String), resourceVersion: expect.any(String) });
      expect(await ownedBy(object, "mooring")).toEqual({
        "f:data": { "f:a": {} },
        "f:metadata": { "f:labels": { "f:test": {} } },
      });
    });

    test("that changes nothing leaves the version as it is; one that changes something moves it", async () => {
      const first = await cluster.apply(configMap("same", { a: "1" }), force, signal);
      const again = await cluster.apply(configMap("same", { a: "1" }), force, signal);
      expect(again).toMatchObject({ created: false, object: { metadata: first.object.metadata } });
      const changed = await cluster.apply(configMap("same", { a: "2" }), force, signal);
      expect(Number(changed.object.metadata.resourceVersion)).toBeGreaterThan(
        Number(first.object.metadata.resourceVersion),
      );
    });

    test("takes out what it set before and does not set any more, and leaves what others set", async () => {
      const object = configMap("taken-out", { a: "1", b: "2" });
      await cluster.apply(object, force, signal);
      await cluster.apply({ ...object, data: { c: "3" } }, { ...gently, fieldManager: "other" }, signal);
      await cluster.apply(configMap("taken-out", { a: "1" }), force, signal);
      expect((await cluster.get(refOf(object), signal))?.data).toEqual({ a: "1", c: "3" });
    });

    test("of another's field is a conflict that names field and manager; force takes the field", async () => {
      const object = configMap("contested", { a: "1" });
      await cluster.apply(object, { ...force, fieldManager: "other" }, signal);
      const refused = await cluster.apply(configMap("contested", { a: "2" }), gently, signal).catch((thrown) => thrown);
      expect(refused).toBeInstanceOf(ConflictFailure);
      expect(refused).toMatchObject({ code: "Conflict", conflicts: [{ field: "data.a", manager: "other" }] });
      await cluster.apply(configMap("contested", { a: "2" }), force, signal);
      expect((await cluster.get(refOf(object), signal))?.data).toEqual({ a: "2" });
      expect(await ownedBy(object, "other")).not.toHaveProperty("f:data");
    });

    test("of the same value is no conflict: both own it, and it stays until both let it go", async () => {
      const object = configMap("shared", { a: "1" });
      await cluster.apply(object, { ...force, fieldManager: "other" }, signal);
      await cluster.apply(object, gently, signal);
      const empty = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "shared", namespace: "default" } };
      await cluster.apply(empty, { ...gently, fieldManager: "other" }, signal);
      expect((await cluster.get(refOf(object), signal))?.data).toEqual({ a: "1" });
      await cluster.apply(empty, gently, signal);
      expect((await cluster.get(refOf(object), signal))?.data).toBeUndefined();
    });

    test("merges containers by their name", async () => {
      const object = deployment("containers");
      await cluster.apply(object, force, signal);
      const { spec } = object;
      const template = objectAt(spec, "template");
      const sidecar = { name: "sidecar", image: "registry.example/sidecar:1" };
      const patched = {
        ...object,
        spec: {
          selector: valueAt(spec, "selector"),
          template: { ...template, spec: { containers: [sidecar] } },
        },
      } as KubeObject;
      await cluster.apply(patched, { ...gently, fieldManager: "injector" }, signal);
      const live = await cluster.get(refOf(object), signal);
      expect(valueAt(live, "spec", "template", "spec", "containers")).toMatchObject([
        { name: "app", image: "registry.example/app:1" },
        { name: "sidecar", image: "registry.example/sidecar:1" },
      ]);
    });

    test("as a dry run tells what would come of it and writes nothing", async () => {
      const object = configMap("dry", { a: "1" });
      expect(await cluster.apply(object, { dryRun: true, force: true }, signal)).toMatchObject({
        created: true,
        object: { data: { a: "1" } },
      });
      expect(await cluster.get(refOf(object), signal)).toBeUndefined();
    });

    test("counts generations by the spec alone, and leaves the status to its subresource", async () => {
      const object = deployment("counted");
      const first = await cluster.apply(object, force, signal);
      expect(first.object.metadata.generation).toBe(1);
      const status = { observedGeneration: 1, replicas: 1 };
      await cluster.patch(
        refOf(object),
        { type: "merge", body: { status } },
        { subresource: "status", fieldManager: "kubelet" },
        signal,
      );
      const labelled = { ...object, metadata: { ...object.metadata, labels: { a: "b" } } };
      const second = await cluster.apply({ ...labelled, status: { replicas: 9 } }, force, signal);
      expect(second.object).toMatchObject({
        metadata: { generation: 1 },
        status: { observedGeneration: 1, replicas: 1 },
      });
      const third = await cluster.apply({ ...deployment("counted", "registry.example/app:2") }, force, signal);
      expect(third.object.metadata.generation).toBe(2);
    });

    test.each([
      ["of a kind that is not served", { apiVersion: "none.example/v1", kind: "Nothing" }, "default", "KindUnknown"],
      ["into a namespace that is not there", { apiVersion: "v1", kind: "ConfigMap" }, "nowhere", "NotFound"],
    ])("%s is refused", async (_what, kind, namespace, code) => {
      const object = { ...kind, metadata: { name: "x", namespace } };
      await expect(cluster.apply(object, force, signal)).rejects.toMatchObject({ code });
    });

    test.each([
      ["a selector", deployment("fixed"), { ...deployment("fixed"), spec: deployment("other").spec }],
      [
        "immutable data",
        { ...configMap("fixed", { a: "1" }), immutable: true },
        { ...configMap("fixed", { a: "2" }), immutable: true },
      ],
    ])("that changes %s is refused as immutable", async (_what, object, changed) => {
      await cluster.apply(object as KubeObject, force, signal);
      await expect(cluster.apply(changed as KubeObject, force, signal)).rejects.toMatchObject({
        code: "FieldImmutable",
      });
    });
  });

  describe("create, update and patch", () => {
    test("what exists is not created again", async () => {
      const object = configMap("created");
      expect((await cluster.create(object, signal)).metadata.uid).toBeDefined();
      await expect(cluster.create(object, signal)).rejects.toMatchObject({ code: "Conflict" });
      const dry = await cluster.create(configMap("not-created"), signal, { dryRun: true });
      expect(dry.metadata.uid).toBeDefined();
      expect(await cluster.get(refOf(dry), signal)).toBeUndefined();
    });

    test("an update of an older version is a conflict", async () => {
      const created = await cluster.create(configMap("updated", { a: "1" }), signal);
      const updated = await cluster.update({ ...created, data: { a: "2" } }, {}, signal);
      await expect(cluster.update({ ...created, data: { a: "3" } }, {}, signal)).rejects.toMatchObject({
        code: "Conflict",
      });
      expect((await cluster.get(refOf(updated), signal))?.data).toEqual({ a: "2" });
    });

    test("a merge patch sets, and takes out what is null; what it changed is the patcher's", async () => {
      const object = configMap("merged", { a: "1", b: "2" });
      await cluster.apply(object, force, signal);
      const patch = { type: "merge", body: { data: { a: null, b: "3" } } } as const;
      await cluster.patch(refOf(object), patch, { fieldManager: "person" }, signal);
      expect((await cluster.get(refOf(object), signal))?.data).toEqual({ b: "3" });
      expect(await ownedBy(object, "person")).toMatchObject({ "f:data": { "f:b": {} } });
      expect(await ownedBy(object, "mooring")).not.toHaveProperty("f:data");
    });

    test("a patch tests, and takes what is asked for at another version for a conflict", async () => {
      const created = await cluster.create(configMap("tested", { a: "1" }), signal);
      const stale = { type: "merge", body: { metadata: { resourceVersion: "1" }, data: { a: "2" } } } as const;
      await expect(cluster.patch(refOf(created), stale, {}, signal)).rejects.toMatchObject({ code: "Conflict" });
      const wrong = { type: "json", body: [{ op: "test", path: "/data/a", value: "9" }] } as const;
      await expect(cluster.patch(refOf(created), wrong, {}, signal)).rejects.toBeInstanceOf(Failure);
      const right = [
        { op: "test", path: "/data/a", value: "1" },
        { op: "replace", path: "/data/a", value: "2" },
      ];
      const patched = await cluster.patch(refOf(created), { type: "json", body: right }, {}, signal);
      expect(patched.data).toEqual({ a: "2" });
    });

    test("what is not there cannot be patched", async () => {
      const ref = refOf(configMap("missing"));
      const patch = { type: "merge", body: { data: {} } } as const;
      await expect(cluster.patch(ref, patch, {}, signal)).rejects.toMatchObject({ code: "NotFound" });
    });
  });

  describe("delete", () => {
    test("deletes once, and only the object of that uid", async () => {
      const { metadata, ...object } = await cluster.create(configMap("deleted"), signal);
      const ref = refOf({ ...object, metadata });
      const background = { propagation: "Background" } as const;
      const other = { ...background, uid: "00000000-0000-0000-0000-000000000000" };
      await expect(cluster.delete(ref, other, signal)).rejects.toMatchObject({ code: "Conflict" });
      expect(await cluster.delete(ref, { ...background, uid: metadata.uid ?? "" }, signal)).toBe("deleted");
      expect(await cluster.delete(ref, background, signal)).toBe("absent");
    });

    test("is held by finalizers until the last one is taken away", async () => {
      const object = configMap("held");
      const metadata = { ...object.metadata, finalizers: ["example.com/wait"] };
      await cluster.apply({ ...object, metadata }, force, signal);
      const background = { propagation: "Background" } as const;
      expect(await cluster.delete(refOf(object), background, signal)).toBe("terminating");
      expect((await cluster.get(refOf(object), signal))?.metadata.deletionTimestamp).toBeDefined();
      await cluster.patch(refOf(object), { type: "merge", body: { metadata: { finalizers: null } } }, {}, signal);
      expect(await cluster.get(refOf(object), signal)).toBeUndefined();
    });

    test("of a kind that is not served is done already", async () => {
      const ref = { apiVersion: "none.example/v1", kind: "Nothing", namespace: "default", name: "x" };
      expect(await cluster.delete(ref, { propagation: "Background" }, signal)).toBe("absent");
    });
  });

  describe("list and watch", () => {
    const options = { timeoutSeconds: 60, silenceMs: 60_000 };

    test.each([
      ["app=web", ["labelled-web"]],
      ["app", ["labelled-db", "labelled-web"]],
      ["app!=web,tier", ["labelled-db", "labelled-none"]],
      ["!app,tier=back", ["labelled-none"]],
    ])("a list selects by %s", async (labelSelector, expected) => {
      const labels = { web: { app: "web", tier: "front" }, db: { app: "db", tier: "back" }, none: { tier: "back" } };
      for (const [name, own] of Object.entries(labels)) {
        const object = configMap(`labelled-${name}`);
        await cluster.apply({ ...object, metadata: { ...object.metadata, labels: own } }, force, signal);
      }
      const type = await typeOf("v1", "ConfigMap");
      const { items } = await cluster.list(type, { namespace: "default", labelSelector, metadataOnly: true }, signal);
      expect(items.map(({ metadata }) => metadata.name).sort()).toEqual(expected);
      expect(items.every((item) => !("data" in item))).toBe(true);
    });

    test("one object is listed by its name", async () => {
      await cluster.apply(configMap("by-name"), force, signal);
      const type = await typeOf("v1", "ConfigMap");
      const { items } = await cluster.list(type, { fieldSelector: "metadata.name=by-name" }, signal);
      expect(items).toMatchObject([{ apiVersion: "v1", kind: "ConfigMap", data: { key: "value" } }]);
    });

    test("a watch goes on from a list, tells what comes, changes and goes, and what stops matching as gone", async () => {
      const type = await typeOf("v1", "ConfigMap");
      const { resourceVersion } = await cluster.list(type, { labelSelector: "watched" }, signal);
      const marked = (name: string, value: string) => {
        const object = configMap(name, { value });
        return { ...object, metadata: { ...object.metadata, labels: { watched: "yes" } } };
      };
      await cluster.apply(marked("one", "1"), force, signal);
      await cluster.apply(configMap("unmarked"), force, signal);
      await cluster.apply(marked("one", "2"), force, signal);
      await cluster.apply(marked("two", "1"), force, signal);
      await cluster.delete(refOf(marked("one", "")), { propagation: "Background" }, signal);
      await cluster.apply(configMap("two", { value: "2" }), force, signal);
      const ends = new AbortController();
      const seen: string[] = [];
      let last: WatchEvent | undefined;
      const watch = cluster.watch(type, { ...options, labelSelector: "watched", resourceVersion }, ends.signal);
      for await (const event of watch) {
        if (event.type === "BOOKMARK") continue;
        if ("object" in event)
          seen.push(`${event.type} ${event.object.metadata.name} ${stringAt(event.object, "data", "value")}`);
        else seen.push(event.type);
        last = event;
        if (seen.length === 6) break;
      }
      ends.abort();
      expect(seen).toEqual([
        "OPENED",
        "ADDED one 1",
        "MODIFIED one 2",
        "ADDED two 1",
        "DELETED one 2",
        "DELETED two 1",
      ]);
      const now = await cluster.get(refOf(configMap("two")), signal);
      expect(last).toMatchObject({ object: { metadata: { resourceVersion: now?.metadata.resourceVersion } } });
    });

    test("a watch that waits ends with its signal", async () => {
      const type = await typeOf("v1", "Secret");
      const { resourceVersion } = await cluster.list(type, {}, signal);
      const ends = new AbortController();
      const watch = cluster.watch(type, { ...options, resourceVersion }, ends.signal)[Symbol.asyncIterator]();
      expect((await watch.next()).value).toEqual({ type: "OPENED" });
      const next = watch.next();
      ends.abort(new Failure("Interrupted", { message: "enough" }));
      await expect(next).rejects.toMatchObject({ code: "Interrupted" });
    });
  });
});
