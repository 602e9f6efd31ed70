import { expect, test } from "vitest";
import type { JsonObject } from "../../model/json/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { serverFieldWarning, withoutServerFields } from "./server-owned.ts";

const object = (metadata: JsonObject): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", namespace: "shop", ...metadata },
  data: { uid: "stays" },
});
const manifest = (metadata: JsonObject): Manifest => ({
  id: { group: "", kind: "ConfigMap", namespace: "shop", name: "a" },
  object: object(metadata),
  origin: { file: "base/a.yaml", line: 3, chain: [] },
  sensitive: false,
  digest: "",
});
const own = { labels: { app: "a" }, ownerReferences: [{ kind: "Pod", uid: "u" }], finalizers: ["example.com/f"] };
const server = {
  uid: "1f0c",
  resourceVersion: "7",
  generation: 3,
  creationTimestamp: "2026-01-01T00:00:00Z",
  managedFields: [],
  selfLink: "/api/v1/a",
  deletionTimestamp: "2026-01-01T00:00:00Z",
  deletionGracePeriodSeconds: 0,
};

test("what the API server alone writes is dropped, and nothing else", () => {
  expect(withoutServerFields(object({ ...own, ...server }))).toEqual(object(own));
  const clean = object(own);
  expect(withoutServerFields(clean)).toBe(clean);
});

test("it is told with the file, and not where a tool wrote nothing into it", () => {
  expect(serverFieldWarning(manifest({ uid: "1f0c", resourceVersion: "7" }))).toEqual({
    file: "base/a.yaml",
    line: 3,
    object: "ConfigMap/shop/a",
    message: "metadata.uid, metadata.resourceVersion are set by the API server and not applied",
    hint: "take it out of the file",
  });
  expect(serverFieldWarning(manifest({ ...own, creationTimestamp: null }))).toBeUndefined();
  expect(serverFieldWarning(manifest(own))).toBeUndefined();
});
