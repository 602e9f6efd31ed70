/** What an Environment does not want any more and still has: it is seen to go, also where its kind is not wanted either. */
import { describe, expect, test } from "vitest";
import type { Cluster, ResourceType } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { createComparisonCache } from "../target/comparison-cache.ts";
import { noOwnershipPeers } from "../target/ownership-peers.ts";
import type { Tracked } from "../watch/kind-use.ts";
import type { LiveView } from "../watch/live-view.ts";
import { observe } from "./observe.ts";

const never = new AbortController().signal;
const owner = { name: "left", namespace: "mooring-system" };

const served = (group: string, kind: string, plural: string, namespaced = true): ResourceType => ({
  group,
  version: "v1",
  kind,
  plural,
  namespaced,
  verbs: ["list", "watch", "get", "delete"],
});
const types = [
  served("", "ConfigMap", "configmaps"),
  served("", "PersistentVolume", "persistentvolumes", false),
  served("apps", "Deployment", "deployments"),
];

const object: KubeObject = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "own", namespace: "shop" } };
const wanted: Manifest = {
  id: { group: "", kind: "ConfigMap", namespace: "shop", name: "own" },
  object,
  origin: { file: "own.yaml", chain: [] },
  sensitive: false,
  digest: "own",
};
const inventory = {
  entries: [
    { id: "shop_own__ConfigMap", v: "v1" },
    { id: "shop_web_apps_Deployment", v: "v1" },
    { id: "other_web_apps_Deployment", v: "v1" },
    { id: "_data__PersistentVolume", v: "v1" },
    { id: "shop_gone_example.com_Gone", v: "v1" },
  ],
};

/** Where there is nothing but `own`, and what of it was tracked, kept and read, in that order. */
function watchedTarget(refused: readonly string[] = []) {
  const done: string[] = [];
  const named = (kinds: readonly Tracked[]) =>
    kinds.map(({ type, namespaces }) => [type.kind, ...namespaces].join(" ")).sort();
  const view: LiveView = {
    async track(kinds) {
      done.push(...named(kinds).map((each) => `track ${each}`));
      const denied = kinds.find(({ type }) => refused.includes(type.kind));
      if (denied !== undefined) throw new Failure("Forbidden", { message: `${denied.type.kind} may not be listed` });
    },
    retain: (kinds) => void done.push(`only ${named(kinds).join(", ")}`),
    get: () => undefined,
    failure: () => undefined,
    renew: () => undefined,
    onChange: () => () => undefined,
    onRewind: () => () => undefined,
    closed: new AbortController().signal,
    close: async () => undefined,
  };
  const cluster = {
    resource: async (apiVersion: string, kind: string) =>
      types.find((type) => type.kind === kind && apiVersion === (type.group === "" ? "v1" : `${type.group}/v1`)),
    kinds: async () => types,
    apply: async () => ({ object, created: true }),
    get: async ({ kind, name }: { readonly kind: string; readonly name: string }) => {
      done.push(`get ${kind} ${name}`);
      return undefined;
    },
  } as Partial<Cluster> as Cluster;
  const target: Partial<ApplyTarget> = {
    cluster,
    view,
    owner,
    slot: { releaseWhile: (wait) => wait() },
    comparisons: createComparisonCache(),
    ignore: [],
    healthRules: undefined,
    ownershipPeers: noOwnershipPeers,
    externalChecks: [],
  };
  return { done, target: target as ApplyTarget };
}

const stages = [{ name: "", timeoutMs: 1_000, manifests: [wanted] }];

describe("what is left of earlier revisions", () => {
  test("is followed before it is looked at, and as long as it is left", async () => {
    const { done, target } = watchedTarget();
    const { observed } = await observe(target, stages, inventory, never);
    expect(done.filter((each) => !each.startsWith("get"))).toEqual([
      "track ConfigMap shop",
      "track Deployment shop other",
      "track PersistentVolume ",
      "only ConfigMap shop, Deployment shop other, PersistentVolume ",
    ]);
    const only = done.findIndex((each) => each.startsWith("only"));
    expect(done.slice(only + 1)).toEqual(["get Deployment web", "get Deployment web", "get PersistentVolume data"]);
    expect([...observed.keys()].sort()).toEqual(inventory.entries.map(({ id }) => id).sort());
  });

  test("is followed no more once it is gone", async () => {
    const { done, target } = watchedTarget();
    await observe(target, stages, { entries: inventory.entries.slice(0, 1) }, never);
    expect(done).toEqual(["track ConfigMap shop", "only ConfigMap shop"]);
  });

  test("keeps no pass from going on where it may not be watched, while what is wanted does", async () => {
    const { done, target } = watchedTarget(["Deployment"]);
    await observe(target, stages, inventory, never);
    expect(done).toContain("get Deployment web");
    const denied = watchedTarget(["ConfigMap"]);
    await expect(observe(denied.target, stages, inventory, never)).rejects.toMatchObject({ code: "Forbidden" });
  });

  test("is not followed for an Environment that is being deleted", async () => {
    const { done, target } = watchedTarget();
    await observe(target, [], inventory, never);
    expect(done.filter((each) => !each.startsWith("get"))).toEqual(["only "]);
  });
});
