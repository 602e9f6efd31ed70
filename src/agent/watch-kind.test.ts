import { describe, expect, test, vi } from "vitest";
import { type Cluster, createWatchHub, type ResourceType, type WatchEvent } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import { createLog } from "./log.ts";
import { watchKind } from "./watch-kind.ts";

const resource: ResourceType = {
  group: "mooring.dev",
  version: "v1alpha1",
  kind: "Environment",
  plural: "environments",
  namespaced: true,
  verbs: ["list", "watch"],
};

const object = (namespace: string, name: string): KubeObject => ({
  apiVersion: "mooring.dev/v1alpha1",
  kind: "Environment",
  metadata: { name, namespace, uid: `${namespace}/${name}`, resourceVersion: "1" },
});

/** Namespaces with one object each; those that are closed may not be read. */
function clusterOf(closed: Set<string>) {
  const asked: string[] = [];
  const parts: Pick<Cluster, "list" | "watch" | "onRecovery"> = {
    async list(_type, { namespace = "" }) {
      asked.push(namespace);
      if (closed.has(namespace)) throw new Failure("Forbidden", { message: `not in ${namespace}` });
      return { items: [object(namespace, "app")], resourceVersion: "1" };
    },
    async *watch(_type, _options, ends): AsyncIterable<WatchEvent> {
      yield { type: "OPENED" };
      if (!ends.aborted) await new Promise((resolve) => ends.addEventListener("abort", resolve, { once: true }));
      throw new Failure("Interrupted", { message: "closed" });
    },
    onRecovery: () => () => undefined,
  };
  // Nothing else of a cluster is asked for.
  return { cluster: parts as unknown as Cluster, asked };
}

describe("the objects of some namespaces", () => {
  test("are those of each, and of no other", async () => {
    const { cluster, asked } = clusterOf(new Set());
    const log = await createLog("error", false);
    const cache = watchKind(resource, { watches: createWatchHub(cluster), namespaces: ["a", "b", "a"], log });
    await cache.ready(new AbortController().signal);
    expect(asked.sort()).toEqual(["a", "b"]);
    expect(cache.all().map(({ metadata }) => metadata.namespace)).toEqual(["a", "b"]);
    expect(cache.get({ namespace: "b", name: "app" })).toEqual(object("b", "app"));
    expect(cache.get({ namespace: "c", name: "app" })).toBeUndefined();
    expect(cache.failure()).toBeUndefined();
    await cache.close();
  });

  test("are there without those of one that may not be read, which come as soon as it may", async () => {
    const closed = new Set(["b"]);
    const { cluster } = clusterOf(closed);
    const log = await createLog("error", false);
    const cache = watchKind(resource, { watches: createWatchHub(cluster), namespaces: ["a", "b"], log }, 5);
    await cache.ready(new AbortController().signal);
    expect(cache.all()).toEqual([object("a", "app")]);
    expect(cache.failure()).toBeUndefined();
    const come = Promise.withResolvers<KubeObject>();
    cache.onChange((change) => come.resolve(change.object));
    closed.delete("b");
    expect(await come.promise).toEqual(object("b", "app"));
    expect(cache.all()).toHaveLength(2);
    await cache.close();
  });

  test("leave no watch of a refused attempt open, however often it is retried", async () => {
    const { cluster, asked } = clusterOf(new Set(["b"]));
    const log = await createLog("error", false);
    const watches = createWatchHub(cluster);
    const cache = watchKind(resource, { watches, namespaces: ["a", "b"], log }, 1);
    await cache.ready(new AbortController().signal);
    await vi.waitFor(() => expect(asked.filter((namespace) => namespace === "b").length).toBeGreaterThan(5));
    expect(watches.size).toBeLessThanOrEqual(2);
    await cache.close();
    expect(watches.size).toBe(0);
  });

  test("are an error where none may be read", async () => {
    const { cluster } = clusterOf(new Set(["a", "b"]));
    const log = await createLog("error", false);
    const cache = watchKind(resource, { watches: createWatchHub(cluster), namespaces: ["a", "b"], log }, 5);
    await expect(cache.ready(new AbortController().signal)).rejects.toMatchObject({ code: "Forbidden" });
    await cache.close();
  });
});
