import { expect, test } from "vitest";
import { rest } from "../../clock/index.ts";
import {
  type Cluster,
  createWatchHub,
  type ListOptions,
  type ObjectList,
  type ResourceType,
} from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import type { Wait } from "../wait/health-wait.ts";
import { waitForHealth } from "../wait/wait.ts";
import { createExternalCheckView } from "./external-check-view.ts";
import type { Tracked } from "./kind-use.ts";
import { createLiveView } from "./live-view.ts";

const { signal } = new AbortController();
const owner = { name: "shop", namespace: "mooring" };
const type = {
  ...{ group: "", version: "v1", kind: "ConfigMap", plural: "configmaps", namespaced: true },
  verbs: ["list", "watch"],
} satisfies ResourceType;
const nodes: ResourceType = { ...type, kind: "Node", plural: "nodes", namespaced: false };
const tracked = (...namespaces: readonly string[]): readonly Tracked[] => [{ type, namespaces, whole: false }];
const idIn = (namespace: string) => ({ group: "", kind: "ConfigMap", namespace, name: "a" });
const forbidden = () => new Failure("Forbidden", { message: "may not be listed" });

/** A cluster with a ConfigMap "a" in every namespace that may be listed, and what was listed of it. */
function partlyAllowed(allowed: (namespace: string) => boolean | Promise<boolean>) {
  const asked: string[] = [];
  let open = 0;
  let cutting = new AbortController();
  /** Ends all watches, which are asked for again. */
  const cut = () => {
    cutting.abort();
    cutting = new AbortController();
  };
  const cluster = {
    async list(_: ResourceType, { namespace = "", metadataOnly }: ListOptions): Promise<ObjectList> {
      asked.push(namespace);
      if (!(await allowed(namespace))) throw forbidden();
      const labels = { "mooring.example/name": "shop" };
      const object: KubeObject = {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "a", namespace, labels, resourceVersion: "1" },
        ...(metadataOnly === true ? {} : { data: {} }),
      };
      return { items: [object], resourceVersion: "1" };
    },
    async *watch(_type: ResourceType, { namespace = "" }: ListOptions, until: AbortSignal) {
      if (!(await allowed(namespace))) throw forbidden();
      open += 1;
      yield { type: "OPENED" };
      await rest(3_600_000, until, cutting.signal);
      open -= 1;
    },
    latestVersion: async () => "1",
    resource: async () => type,
    onRecovery: () => () => undefined,
  } as Partial<Cluster> as Cluster;
  return { cluster, asked, cut, open: () => open };
}

test("a first list that was given up and then refused hides nothing of what may be read", async () => {
  const answer = Promise.withResolvers<boolean>();
  const { cluster } = partlyAllowed((namespace) => (namespace === "" ? answer.promise : true));
  const watches = createWatchHub(cluster);
  const [mine, other] = [owner, { ...owner, name: "other" }].map((each) => createLiveView(watches, each));
  const given = new AbortController();
  const first = mine?.track(tracked("shop"), given.signal);
  const second = other?.track(tracked("shop"), signal);
  given.abort(new Failure("Interrupted", { message: "given up" }));
  await expect(first).rejects.toMatchObject({ code: "Interrupted" });
  answer.resolve(false);
  await second;
  await mine?.track(tracked("shop"), signal);
  expect(mine?.get(idIn("shop"))).toMatchObject({ metadata: { name: "a" } });
  expect(mine?.failure(idIn("shop"))).toBeUndefined();
  await watches.close();
});

test.each([
  ["the one that was refused", false],
  ["another one that shares its watches", true],
])("a right that was given after a refusal is noticed with the next question, by %s", async (_, byAnother) => {
  let may = false;
  const { cluster, asked } = partlyAllowed(() => may);
  const watches = createWatchHub(cluster);
  const refused = createLiveView(watches, owner);
  const kinds = [{ type: nodes, namespaces: [""], whole: true }];
  await expect(refused.track(kinds, signal)).rejects.toMatchObject({ code: "Forbidden" });
  const id = { group: "", kind: "Node", namespace: "", name: "a" };
  expect(refused.failure(id)).toMatchObject({ code: "Forbidden" });
  may = true;
  const view = byAnother ? createLiveView(watches, owner) : refused;
  await view.track(kinds, signal);
  expect(view.get(id)).toMatchObject({ metadata: { name: "a" } });
  expect(view.failure(id)).toBeUndefined();
  expect(asked).toEqual(["", ""]);
  await watches.close();
});

test("of a kind that is tracked both ways the whole object is shown", async () => {
  const watches = createWatchHub(partlyAllowed(() => true).cluster);
  const view = createLiveView(watches, owner);
  await view.track([{ type, namespaces: [""], whole: false }], signal);
  expect(view.get(idIn(""))).not.toHaveProperty("data");
  await view.track([{ type, namespaces: [""], whole: true }], signal);
  expect(view.get(idIn(""))).toHaveProperty("data");
  await watches.close();
});

test("a namespace that is left is watched no more", async () => {
  const { cluster, open } = partlyAllowed((namespace) => namespace !== "");
  const watches = createWatchHub(cluster);
  const view = createLiveView(watches, owner);
  await view.track(tracked("shop", "cart"), signal);
  await expect.poll(open).toBe(2);
  view.retain([...tracked("shop"), ...tracked("bank")]);
  await expect.poll(open).toBe(1);
  expect([idIn("shop"), idIn("cart")].map((id) => view.get(id)?.metadata.namespace)).toEqual(["shop", undefined]);
  expect(watches.size).toBe(1);
  await view.close();
  expect(watches.size).toBe(0);
});

test("a right to read everywhere that is taken away leaves what may be read of each namespace, and is told where that is nothing", async () => {
  const may = new Set(["", "shop"]);
  const { cluster, cut } = partlyAllowed((namespace) => may.has(namespace));
  const watches = createWatchHub(cluster);
  const [view, other] = [owner, { ...owner, name: "other" }].map((each) => createLiveView(watches, each));
  await Promise.all([view?.track(tracked("shop"), signal), other?.track(tracked("cart"), signal)]);
  may.delete("");
  cut();
  await expect.poll(() => view?.failure(idIn("shop"))).toMatchObject({ code: "Forbidden" });
  await view?.track(tracked("shop"), signal);
  view?.retain(tracked("shop"));
  expect(view?.get(idIn("shop"))).toMatchObject({ metadata: { namespace: "shop" } });
  expect(view?.failure(idIn("shop"))).toBeUndefined();
  await expect(other?.track(tracked("cart"), signal)).rejects.toMatchObject({ code: "Forbidden" });
  expect(other?.get(idIn("cart"))).toBeUndefined();
  await Promise.all([view?.close(), other?.close()]);
  expect(watches.size).toBe(0);
});

test("a kind that may be read everywhere by now is not watched in each namespace as well", async () => {
  let may = false;
  const { cluster, open } = partlyAllowed((namespace) => namespace !== "" || may);
  const watches = createWatchHub(cluster);
  const view = createLiveView(watches, owner);
  await view.track(tracked("shop", "cart"), signal);
  await expect.poll(open).toBe(2);
  may = true;
  // Who needs all of it asks again at once.
  await view.track(tracked(""), signal);
  view.retain(tracked("shop", "cart"));
  await expect.poll(open).toBe(1);
  await watches.close();
});

test("a view that is closed says so, whatever is under way", async () => {
  const answer = Promise.withResolvers<boolean>();
  const { cluster, open } = partlyAllowed((namespace) => (namespace === "" ? answer.promise : true));
  const watches = createWatchHub(cluster);
  const keepsListing = createLiveView(watches, owner).track(tracked("shop"), signal);
  const view = createLiveView(watches, owner);
  const tracking = view.track(tracked("shop"), signal);
  await view.close();
  await expect(tracking).rejects.toMatchObject({ code: "Interrupted" });
  expect(() => view.get(idIn("shop"))).toThrow(expect.objectContaining({ code: "Interrupted" }));
  answer.resolve(false);
  await keepsListing;
  // What was under way in the closed one opens nothing more.
  await expect.poll(open).toBe(1);
  expect(watches.size).toBe(2);
  await watches.close();
});

test("a wait over a view that is closed is interrupted, and tells nothing of the revision", async () => {
  const { cluster } = partlyAllowed(() => true);
  const watches = createWatchHub(cluster);
  const view = createLiveView(watches, owner);
  const target = { cluster, view, owner } as Partial<ApplyTarget> as ApplyTarget;
  const id = { ...idIn("shop"), name: "written" };
  const wait: Wait = {
    objects: [{ id, apiVersion: "v1" }],
    written: new Map([["shop_written__ConfigMap", "2"]]),
    ...{ since: new Date(), deadline: performance.now() + 600_000, freesStuckPods: false, secrets: undefined },
  };
  const waited = waitForHealth(target, wait, signal);
  await expect.poll(() => view.failure(id) === undefined && watches.size).toBe(1);
  await view.close();
  await expect(waited).rejects.toMatchObject({ code: "Interrupted" });
  await expect(waitForHealth(target, wait, signal)).rejects.toMatchObject({ code: "Interrupted" });
});

test("neighbours that may be read by now are seen", async () => {
  let may = false;
  const { cluster, asked } = partlyAllowed(() => may);
  const view = createExternalCheckView(createWatchHub(cluster));
  await expect(view.track(tracked("shop"), signal)).rejects.toMatchObject({ code: "Forbidden" });
  expect(view.failure(idIn("shop"))).toMatchObject({ code: "Forbidden" });
  may = true;
  await view.track(tracked("shop"), signal);
  expect(view.get(idIn("shop"))).toMatchObject({ metadata: { name: "a" } });
  expect(view.failure(idIn("shop"))).toBeUndefined();
  expect(asked).toEqual(["shop", "shop"]);
  await view.close();
  expect(() => view.get(idIn("shop"))).toThrow(expect.objectContaining({ code: "Interrupted" }));
});
