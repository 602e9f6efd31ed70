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
  const verified = createComparisonCache();
  verified.applyRules(new Map([[formatId(id), paths]]));
  verified.rememberClean(manifest, object, live);
  return verified;
}

describe("what was compared", () => {
  test.each([
    ["the rule went, as an autoscaler that left Git", replicas, [], false],
    ["the rule came", [], replicas, false],
    ["the rule is another one", replicas, ["/spec/paused"], false],
    ["the rule is the same", replicas, replicas, true],
    ["there is none, as before", [], [], true],
  ])("%s", (_, before, now, holds) => {
    const verified = comparedUnder(before);
    verified.applyRules(new Map([[formatId(id), now]]));
    expect(verified.isClean(id, "d", live)).toBe(holds);
  });

  test("is forgotten with the object that is desired no more", () => {
    const verified = comparedUnder([]);
    verified.applyRules(new Map());
    verified.applyRules(new Map([[formatId(id), []]]));
    expect(verified.isClean(id, "d", live)).toBe(false);
  });

  test("is nothing after a restore, although generation and uid are the same again", () => {
    const verified = comparedUnder([]);
    verified.clear();
    expect(verified.isClean(id, "d", live)).toBe(false);
  });
});
