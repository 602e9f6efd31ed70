import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { takeOver, takeOverPatch, withoutStuckPatch } from "./take-over.ts";

const entry = (manager: string, operation: string, fieldsV1: JsonObject, more: JsonObject = {}) => ({
  manager,
  operation,
  apiVersion: "v1",
  fieldsType: "FieldsV1",
  fieldsV1,
  ...more,
});
const settings = (data: JsonObject, managedFields: readonly JsonObject[] = []): KubeObject => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "shop", resourceVersion: "7", managedFields },
  data,
});
const data = (...keys: readonly string[]) => ({ "f:data": Object.fromEntries(keys.map((key) => [`f:${key}`, {}])) });

describe("takeOver", () => {
  test("joins the former managers' fields with Mooring's, and finds what nobody wants", () => {
    const other = entry("controller", "Update", data("c"));
    const live = settings({ a: "1", b: "1", c: "1", d: "1" }, [
      entry("mooring", "Apply", data("a")),
      entry("kubectl-client-side-apply", "Update", data("a", "b")),
      other,
      entry("helm", "Update", data("c", "d")),
    ]);
    const taken = takeOver(live, settings({ a: "2" }));
    expect(taken?.managers).toEqual(["helm", "kubectl-client-side-apply"]);
    expect(taken?.stuck).toEqual(["/data/b", "/data/d"]);
    expect(taken && takeOverPatch(taken)).toEqual([
      { op: "replace", path: "/metadata/resourceVersion", value: "7" },
      {
        op: "replace",
        path: "/metadata/managedFields",
        value: [entry("mooring", "Apply", data("a", "b", "c", "d")), other],
      },
    ]);
    expect(taken && withoutStuckPatch(taken)).toEqual([
      { op: "remove", path: "/data/d" },
      { op: "remove", path: "/data/b" },
    ]);
  });

  test("gives Mooring an entry where it has none", () => {
    const live = settings({ a: "1" }, [entry("flux", "Apply", data("a"))]);
    expect(takeOver(live, settings({ a: "1" }))).toMatchObject({
      stuck: [],
      live: { metadata: { managedFields: [entry("mooring", "Apply", data("a"))] } },
    });
  });

  test.each([
    ["a controller's fields", entry("controller", "Update", data("a"))],
    ["fields of a restart", entry("kubectl-rollout", "Update", data("a"))],
    ["a status", entry("kubectl-edit", "Update", data("a"), { subresource: "status" })],
    ["fields of another version", entry("kubectl-edit", "Update", data("a"), { apiVersion: "v2" })],
    ["its own", entry("mooring", "Apply", data("a"))],
  ])("leaves %s", (_what, only) => {
    expect(takeOver(settings({ a: "1" }, [only]), settings({}))).toBeUndefined();
  });

  test.each(["Merge", "IfNotPresent", "Ignore"])("leaves everything under the policy %s", (policy) => {
    const live = settings({ a: "1" }, [entry("kubectl-edit", "Update", data("a"))]);
    const desired = settings({});
    const annotations = { "mooring.dev/ssa": policy };
    expect(takeOver(live, { ...desired, metadata: { ...desired.metadata, annotations } })).toBeUndefined();
  });

  test("finds items of lists by their keys, whole where they are owned whole", () => {
    const ports = {
      "f:spec": {
        "f:ports": {
          'k:{"port":80,"protocol":"TCP"}': { ".": {}, "f:port": {}, "f:name": {} },
          'k:{"port":81,"protocol":"TCP"}': { ".": {}, "f:port": {} },
        },
      },
    };
    const service = (list: readonly JsonObject[], managedFields: readonly JsonObject[]): KubeObject => ({
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", managedFields },
      spec: { ports: list },
    });
    const live = service(
      [
        { port: 81, protocol: "TCP" },
        { port: 80, protocol: "TCP", name: "http" },
      ],
      [entry("kubectl-edit", "Update", ports)],
    );
    expect(takeOver(live, service([{ port: 80 }], []))?.stuck).toEqual(["/spec/ports/0", "/spec/ports/1/name"]);
  });
});
