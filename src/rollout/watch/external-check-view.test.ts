import { describe, expect, test } from "vitest";
import { rest } from "../../clock/index.ts";
import { type Cluster, createWatchHub, type ListOptions, type ResourceType } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { createEvidenceView } from "./evidence.ts";
import { createExternalCheckView } from "./external-check-view.ts";
import type { Tracked } from "./kind-use.ts";

const { signal } = new AbortController();
const pods: ResourceType = {
  ...{ group: "", version: "v1", kind: "Pod", plural: "pods", namespaced: true },
  verbs: ["list", "watch"],
};
const nodes: ResourceType = { ...pods, kind: "Node", plural: "nodes", namespaced: false };
const tracked = (type: ResourceType, ...namespaces: readonly string[]): Tracked => ({ type, namespaces, whole: true });
const idOf = ({ kind }: ResourceType, namespace: string) => ({ group: "", kind, namespace, name: "a" });

/** A cluster with an object "a" of each kind and namespace that is listed; `list` may fail or wait first. */
function clusterWith(list: () => Promise<void> = async () => undefined) {
  const asked: string[] = [];
  const cluster = {
    async list({ kind, plural }: ResourceType, { namespace = "", labelSelector = "", metadataOnly }: ListOptions) {
      asked.push(`${plural} ${namespace}${labelSelector}${metadataOnly === true ? " metadata" : ""}`);
      await list();
      const metadata = { name: "a", resourceVersion: "1", ...(namespace === "" ? {} : { namespace }) };
      return { items: [{ apiVersion: "v1", kind, metadata } as KubeObject], resourceVersion: "1" };
    },
    async *watch(_type: ResourceType, _options: ListOptions, until: AbortSignal) {
      yield { type: "OPENED" };
      await rest(3_600_000, until);
    },
    onRecovery: () => () => undefined,
  } as Partial<Cluster> as Cluster;
  return { cluster, asked };
}

test("objects are watched whole, whoever owns them, in the namespaces that are named and in no other", async () => {
  const { cluster, asked } = clusterWith();
  const view = createExternalCheckView(createWatchHub(cluster));
  await view.track([tracked(pods, "shop", "bank")], signal);
  expect(asked.toSorted()).toEqual(["pods bank", "pods shop"]);
  expect(view.get(idOf(pods, "shop"))?.metadata.namespace).toBe("shop");
  expect([view.get(idOf(pods, "other")), view.failure(idOf(pods, "other"))]).toEqual([undefined, undefined]);
  await view.close();
});

test("a cluster-scoped object is found whatever namespace its reference was given", async () => {
  const { cluster, asked } = clusterWith();
  const view = createExternalCheckView(createWatchHub(cluster));
  await view.track([tracked(nodes, "shop", "bank")], signal);
  expect(asked).toEqual(["nodes "]);
  expect(["shop", ""].map((namespace) => view.get(idOf(nodes, namespace))?.kind)).toEqual(["Node", "Node"]);
  await view.close();
});

test("the checks of several Environments, and their evidence, share one watch until the last of them is over", async () => {
  const { cluster, asked } = clusterWith();
  const watches = createWatchHub(cluster);
  const [first, second] = [createExternalCheckView(watches), createExternalCheckView(watches)];
  const stop = createEvidenceView(watches).follow("shop", () => undefined);
  await Promise.all([first, second].map((view) => view.track([tracked(pods, "shop")], signal)));
  expect(asked.filter((each) => each.startsWith("pods"))).toEqual(["pods shop"]);
  stop();
  await first.close();
  expect([watches.size, second.get(idOf(pods, "shop"))?.kind]).toEqual([1, "Pod"]);
  await second.close();
  expect(watches.size).toBe(0);
});

describe("a list that does not come", () => {
  test("ends the wait for it with its signal, and not the watch of another view", async () => {
    const gate = Promise.withResolvers<void>();
    const { cluster, asked } = clusterWith(() => gate.promise);
    const watches = createWatchHub(cluster);
    const [given, kept] = [createExternalCheckView(watches), createExternalCheckView(watches)];
    const newer = new AbortController();
    const waiting = given.track([tracked(pods, "shop")], newer.signal);
    const other = kept.track([tracked(pods, "shop")], signal);
    newer.abort(new Failure("Interrupted", { message: "a newer commit" }));
    await expect(waiting).rejects.toMatchObject({ message: "a newer commit" });
    await given.close();
    gate.resolve();
    await other;
    expect(asked).toEqual(["pods shop"]);
    await watches.close();
  });

  test("ends the wait for it with the view", async () => {
    const { cluster } = clusterWith(() => new Promise(() => undefined));
    const view = createExternalCheckView(createWatchHub(cluster));
    const waiting = view.track([tracked(pods, "shop")], signal);
    const closed = view.close();
    await expect(waiting).rejects.toMatchObject({ code: "Interrupted" });
    await expect(view.track([tracked(pods, "shop")], signal)).rejects.toMatchObject({ code: "Interrupted" });
    expect(view.closed.aborted).toBe(true);
    void closed;
  });
});

test("why a kind could not be listed is known until it is, and no longer", async () => {
  let refusal: Failure | undefined = new Failure("Forbidden", { message: "pods may not be listed" });
  const gate = Promise.withResolvers<void>();
  const { cluster } = clusterWith(async () => {
    if (refusal !== undefined) throw refusal;
    await gate.promise;
  });
  const view = createExternalCheckView(createWatchHub(cluster));
  const told: (KubeObject | undefined)[] = [];
  view.onChange((_, object) => told.push(object));
  await expect(view.track([tracked(pods, "shop")], signal)).rejects.toBe(refusal);
  refusal = undefined;
  const again = view.track([tracked(pods, "shop")], signal);
  expect(view.failure(idOf(pods, "shop"))).toMatchObject({ code: "Forbidden" });
  gate.resolve();
  await again;
  expect(view.failure(idOf(pods, "shop"))).toBeUndefined();
  expect(told.map((object) => object?.metadata.name)).toEqual(["a"]);
  await view.close();
});
