import { describe, expect, test } from "vitest";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import { createComparisonCache } from "./comparison-cache.ts";

const id = { group: "apps", kind: "Deployment", namespace: "shop", name: "web" };
const object: KubeObject = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "shop" } };
const manifest: Manifest = { id, object, origin: { file: "web.yaml" }, digest: "d", sensitive: false } as Manifest;
const live = { ...object, metadata: { ...object.metadata, uid: "u", generation: 4, resourceVersion: "9" } };
const replicas = ["/spec/replicas"];

/** What was compared while these paths were left to others. */
function comparedUnder(paths: readonly string[]) {
  const cache = createComparisonCache();
  cache.applyRules(new Map([[formatId(id), paths]]));
  cache.rememberClean(manifest, object, live);
  return cache;
}

describe("what was compared", () => {
  test.each([
    ["the rule went, as an autoscaler that left Git", replicas, [], false],
    ["the rule came", [], replicas, false],
    ["the rule is another one", replicas, ["/spec/paused"], false],
    ["the rule is the same", replicas, replicas, true],
    ["there is none, as before", [], [], true],
  ])("%s", (_, before, now, holds) => {
    const cache = comparedUnder(before);
    cache.applyRules(new Map([[formatId(id), now]]));
    expect(cache.isClean(id, "d", live)).toBe(holds);
  });

  test("is forgotten with the object that is desired no more", () => {
    const cache = comparedUnder([]);
    cache.applyRules(new Map());
    cache.applyRules(new Map([[formatId(id), []]]));
    expect(cache.isClean(id, "d", live)).toBe(false);
  });

  test("is nothing after a restore, although generation and uid are the same again", () => {
    const cache = comparedUnder([]);
    cache.clear();
    expect(cache.isClean(id, "d", live)).toBe(false);
  });
});

describe("an object that was found clean is so", () => {
  const desired: KubeObject = {
    ...object,
    metadata: { ...object.metadata, labels: { app: "web" }, annotations: { note: "x" } },
  };
  const seen = (metadata: Partial<KubeObject["metadata"]> = {}): KubeObject => ({
    ...desired,
    metadata: { ...desired.metadata, uid: "u", generation: 4, resourceVersion: "9", ...metadata },
  });

  test.each<readonly [what: string, clean: boolean, change: Partial<KubeObject["metadata"]>]>([
    ["after a status write", true, { resourceVersion: "10" }],
    ["after a change of its spec", false, { generation: 5, resourceVersion: "10" }],
    ["made again under its name", false, { uid: "v" }],
    ["while it is being deleted", false, { deletionTimestamp: "2026-01-01T00:00:00Z" }],
    ["with another value of a desired label", false, { labels: { app: "api" } }],
    ["without a desired label", false, { labels: {} }],
    ["with a label that a controller set", true, { labels: { app: "web", "pod-template-hash": "1" } }],
    [
      "with an annotation that a controller set",
      true,
      { annotations: { note: "x", "deployment.kubernetes.io/revision": "2" } },
    ],
    ["with another value of a desired annotation", false, { annotations: { note: "y" } }],
    [
      "with an annotation that speaks to Mooring",
      false,
      { annotations: { note: "x", "mooring.dev/reconcile": "disabled" } },
    ],
    ["with another owner reference", false, { ownerReferences: [{ uid: "o" }] }],
    ["with a finalizer", false, { finalizers: ["a/b"] }],
  ])("%s: %s", (_what, clean, change) => {
    const cache = createComparisonCache();
    cache.rememberClean(manifest, desired, seen());
    expect(cache.isClean(id, "d", seen(change))).toBe(clean);
    expect(cache.isUnchanged(id, seen(change))).toBe(clean);
  });

  test("where nothing counts generations, until any write", () => {
    const cache = createComparisonCache();
    const config = (resourceVersion: string) => seen({ generation: 0, resourceVersion });
    cache.rememberClean(manifest, desired, config("9"));
    expect([cache.isClean(id, "d", config("9")), cache.isClean(id, "d", config("10"))]).toEqual([true, false]);
  });

  test("by the manifest it was compared with; that it is unchanged holds for every manifest", () => {
    const cache = createComparisonCache();
    cache.rememberClean(manifest, desired, seen());
    expect([cache.isClean(id, "other", seen()), cache.isUnchanged(id, seen())]).toEqual([false, true]);
    expect(cache.isUnchanged({ ...id, name: "api" }, seen())).toBe(false);
  });

  test("until it is forgotten", () => {
    const cache = createComparisonCache();
    cache.rememberClean(manifest, desired, seen());
    cache.forget(id);
    expect([cache.isClean(id, "d", seen()), cache.isUnchanged(id, seen())]).toEqual([false, false]);
  });
});

describe("drift is compared once for each version", () => {
  const compared = { manifest, ignored: replicas };
  const drifted = { object, live, applied: object };

  test.each<readonly [what: string, found: boolean, of: typeof compared, at: KubeObject]>([
    ["the same version, manifest and rules", true, compared, live],
    ["another version", false, compared, { ...live, metadata: { ...live.metadata, resourceVersion: "10" } }],
    ["another object of the name", false, compared, { ...live, metadata: { ...live.metadata, uid: "v" } }],
    ["another manifest", false, { ...compared, manifest: { ...manifest, digest: "e" } }, live],
    ["other rules", false, { ...compared, ignored: [] }, live],
    ["another object", false, { ...compared, manifest: { ...manifest, id: { ...id, name: "api" } } }, live],
  ])("%s: %s", (_what, found, of, at) => {
    const cache = createComparisonCache();
    cache.rememberDrift(compared, drifted);
    expect(cache.recallDrift(of, at)).toBe(found ? drifted : undefined);
  });

  test.each<readonly [what: string, act: (cache: ReturnType<typeof createComparisonCache>) => void]>([
    ["it was found clean", (cache) => cache.rememberClean(manifest, object, live)],
    ["it was deleted", (cache) => cache.forget(id)],
    ["the cluster was restored", (cache) => cache.clear()],
    ["it is no longer desired", (cache) => cache.applyRules(new Map())],
  ])("and again after %s", (_what, act) => {
    const cache = createComparisonCache();
    cache.applyRules(new Map([[formatId(id), replicas]]));
    cache.rememberDrift(compared, drifted);
    act(cache);
    expect(cache.recallDrift(compared, live)).toBeUndefined();
  });

  test("and an object that does not exist is not remembered", () => {
    const cache = createComparisonCache();
    cache.rememberDrift(compared, { object, live: undefined });
    expect(cache.recallDrift(compared, live)).toBeUndefined();
  });
});
