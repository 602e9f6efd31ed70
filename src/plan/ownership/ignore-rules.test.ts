import { describe, expect, test } from "vitest";
import type { IgnoreRule } from "../../api/environment/rollout-spec.ts";
import type { JsonObject } from "../../model/json/json.ts";
import type { KubeObject, Manifest } from "../../model/manifest.ts";
import { compileIgnoreRules } from "./ignore-rules.ts";
import { fieldTree, withoutIgnoredFields } from "./ignored-fields.ts";

const id = { group: "apps", kind: "Deployment", namespace: "shop", name: "web" };
const web = (spec: JsonObject, managedFields: readonly JsonObject[] = []): KubeObject => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "shop", labels: { tier: "front" }, managedFields },
  spec,
});
const owning = (fields: JsonObject) => [{ manager: "mooring", operation: "Apply", fieldsV1: { "f:spec": fields } }];
const paths = ["/spec/replicas"];

/** What the rules leave of a Deployment that says nothing of its own. */
const leftBy = (rules: readonly IgnoreRule[], of = id, manifests: readonly Manifest[] = []) =>
  withoutIgnoredFields(web({ replicas: 1 }), web({}), compileIgnoreRules(rules, manifests)(web({}), of).trees).spec;

describe("ignoring", () => {
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
    expect(leftBy([rule])).toEqual(fits ? {} : { replicas: 1 });
  });

  test("refuses what is not a pattern", () => {
    const rules = [{ target: { name: "(" }, paths }];
    expect(() => compileIgnoreRules(rules)).toThrow(expect.objectContaining({ code: "SpecInvalid" }));
  });
});

describe("a budget for rules", () => {
  const many = (count: number, rule: (n: number) => IgnoreRule) => Array.from({ length: count }, (_, n) => rule(n));

  test.each<readonly [string, readonly IgnoreRule[], string]>([
    ["patterns", many(99, (n) => ({ target: { name: `(a?){${n + 1}}(a*)*b` }, paths })), "spec.ignore[67].target.name"],
    ["one pattern", [{ target: { kind: "(abcdefgh){700}(ijklmnop){700}" }, paths }], "spec.ignore[0].target.kind"],
    ["paths", many(100, () => ({ paths: Array.from({ length: 100 }, () => "/a".repeat(50)) })), "spec.ignore"],
  ])("refuses what asks for too much: %s", (_what, rules, field) => {
    expect(() => compileIgnoreRules(rules)).toThrow(
      expect.objectContaining({ code: "SpecInvalid", problems: [expect.objectContaining({ field })] }),
    );
  });

  test("has room for a hundred rules as people write them", () => {
    const rules = many(100, (n) => ({
      target: { kind: "Deployment|StatefulSet", name: `web-${n}-.*`, labelSelector: "tier in (front,back)" },
      paths: Array.from({ length: 10 }, (_, p) => `/spec/template/spec/containers/${p}/image`),
    }));
    expect(compileIgnoreRules(rules)(web({}), { ...id, name: "web-7-a" }).trees).toHaveLength(1);
  });

  test("reads patterns, selectors and paths once for a spec", () => {
    const reads: string[] = [];
    const target = new Proxy(
      { name: "w.*", labelSelector: "tier=front" },
      {
        get: (values, name, self) => {
          reads.push(String(name));
          return Reflect.get(values, name, self);
        },
      },
    );
    const rules = [{ target, paths }];
    for (let pass = 0; pass < 3; pass += 1) {
      const left = compileIgnoreRules(rules);
      for (let n = 0; n < 100; n += 1) expect(left(web({}), id).trees).toHaveLength(1);
    }
    expect(reads.filter((name) => name === "labelSelector")).toHaveLength(1);
    expect(reads.filter((name) => name === "name")).toHaveLength(1);
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
    expect(withoutIgnoredFields(web({ replicas: 1, paused: false }), live, [fieldTree(paths)]).spec).toEqual(spec);
  });

  test("changes nothing where the field is not in the repository", () => {
    expect(withoutIgnoredFields(web({ paused: false }), web({ replicas: 5 }), [fieldTree(paths)])).toEqual(
      web({ paused: false }),
    );
  });

  test("reaches into lists", () => {
    const desired = web({ list: [{ a: 1, b: 1 }, { a: 2 }] });
    const trees = [fieldTree(["/spec/list/0/a", "/spec/list/1"])];
    expect(withoutIgnoredFields(desired, web({ list: [] }), trees).spec).toEqual({
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
  expect(leftBy([], { ...id, name: "web.a" }, [manifest])).toEqual({});
  expect(leftBy([], { ...id, name: "webba" }, [manifest])).toEqual({ replicas: 1 });
  expect(leftBy([], { ...id, name: "web.a", namespace: "zoo" }, [manifest])).toEqual({ replicas: 1 });
});
