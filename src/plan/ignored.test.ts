import { describe, expect, test } from "vitest";
import type { IgnoreRule } from "../api/rollout-spec.ts";
import type { JsonObject } from "../model/json.ts";
import type { KubeObject } from "../model/manifest.ts";
import { autoscalerRules, ignoredPaths, leaveToOthers } from "./ignored.ts";

const id = { group: "apps", kind: "Deployment", namespace: "shop", name: "web" };
const web = (spec: JsonObject, managedFields: readonly JsonObject[] = []): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop", labels: { tier: "front" }, managedFields },
  spec,
});
const owning = (fields: JsonObject) => [{ manager: "mooring", operation: "Apply", fieldsV1: { "f:spec": fields } }];
const paths = ["/spec/replicas"];

describe("ignoredPaths", () => {
  test.each<readonly [string, IgnoreRule["target"], boolean]>([
    ["no target", undefined, true],
    ["the kind", { kind: "Deployment" }, true],
    ["another kind", { kind: "StatefulSet" }, false],
    ["a pattern for the whole name", { name: "w.*" }, true],
    ["a pattern for a part of the name", { name: "e" }, false],
    ["group and version", { group: "apps", version: "v1" }, true],
    ["another namespace", { namespace: "zoo" }, false],
    ["a label", { labelSelector: "tier in (front,back)" }, true],
    ["a label it has not", { labelSelector: "tier=back" }, false],
    ["an annotation it has not", { annotationSelector: "a" }, false],
  ])("%s", (_what, target, fits) => {
    const rule = target === undefined ? { paths } : { target, paths };
    expect(ignoredPaths(web({}), id, [rule])).toEqual(fits ? paths : []);
  });

  test("refuses what is not a pattern", () => {
    const rules = [{ target: { name: "(" }, paths }];
    expect(() => ignoredPaths(web({}), id, rules)).toThrow(expect.objectContaining({ code: "SpecInvalid" }));
  });
});

describe("leaveToOthers", () => {
  test.each<readonly [string, KubeObject | undefined, JsonObject]>([
    ["keeps everything of what is not there yet", undefined, { replicas: 1, paused: false }],
    ["drops what another owns", web({ replicas: 5 }), { paused: false }],
    [
      "follows what Mooring still owns",
      web({ replicas: 5 }, owning({ "f:replicas": {} })),
      { replicas: 5, paused: false },
    ],
  ])("%s", (_what, live, spec) => {
    expect(leaveToOthers(web({ replicas: 1, paused: false }), live, paths).spec).toEqual(spec);
  });

  test("changes nothing where the field is not in the repository", () => {
    expect(leaveToOthers(web({ paused: false }), web({ replicas: 5 }), paths)).toEqual(web({ paused: false }));
  });

  test("reaches into lists", () => {
    const desired = web({ list: [{ a: 1, b: 1 }, { a: 2 }] });
    expect(leaveToOthers(desired, web({ list: [] }), ["/spec/list/0/a", "/spec/list/1"]).spec).toEqual({
      list: [{ b: 1 }],
    });
  });
});

test("an autoscaler of the environment owns the replicas of its target", () => {
  const object = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web", namespace: "shop" },
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web.a" } },
  };
  const scaler = { group: "autoscaling", kind: object.kind, namespace: "shop", name: "web" };
  const manifest = { id: scaler, object, origin: { file: "a.yaml", chain: [] }, sensitive: false, digest: "" };
  const rules = autoscalerRules([manifest]);
  expect(ignoredPaths(web({}), { ...id, name: "web.a" }, rules)).toEqual(paths);
  expect(ignoredPaths(web({}), { ...id, name: "webba" }, rules)).toEqual([]);
  expect(ignoredPaths(web({}), { ...id, name: "web.a", namespace: "zoo" }, rules)).toEqual([]);
});
