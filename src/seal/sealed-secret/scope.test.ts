import { describe, expect, test } from "vitest";
import { candidateLabels } from "./candidate-labels.ts";
import { describeLabel, labelOf, scopeOf, withScope } from "./scope.ts";

const cluster = "sealedsecrets.bitnami.com/cluster-wide";
const namespace = "sealedsecrets.bitnami.com/namespace-wide";

describe("the scope of annotations, as SecretScope of sealed-secrets has it", () => {
  test.each([
    [undefined, "strict"],
    [{}, "strict"],
    [{ other: "true" }, "strict"],
    [{ [cluster]: "true" }, "cluster-wide"],
    [{ [namespace]: "true" }, "namespace-wide"],
    [{ [cluster]: "true", [namespace]: "true" }, "cluster-wide"],
    [{ [cluster]: "false", [namespace]: "true" }, "namespace-wide"],
    [{ [cluster]: "True" }, "strict"],
    [{ [cluster]: "1" }, "strict"],
    [{ [cluster]: " true" }, "strict"],
    [{ [cluster]: "" }, "strict"],
    [{ "cluster-wide": "true" }, "strict"],
  ] as const)("%j is %s", (annotations, scope) => {
    expect(scopeOf(annotations)).toBe(scope);
  });
});

describe("annotations of a scope", () => {
  test.each([
    [undefined, "strict", {}],
    [{ a: "b", [cluster]: "true", [namespace]: "true" }, "strict", { a: "b" }],
    [{ a: "b", [namespace]: "true" }, "cluster-wide", { a: "b", [cluster]: "true" }],
    [{ [cluster]: "false" }, "namespace-wide", { [namespace]: "true" }],
    [{ [cluster]: "false" }, "cluster-wide", { [cluster]: "true" }],
  ] as const)("%j for %s", (annotations, scope, expected) => {
    const result = withScope(annotations, scope);
    expect(result).toEqual(expected);
    expect(scopeOf(result)).toBe(scope);
  });
});

test.each([
  ["strict", "shop/db", "shop/db (strict)"],
  ["namespace-wide", "shop", "namespace shop (namespace-wide)"],
  ["cluster-wide", "", "any namespace (cluster-wide)"],
] as const)("the label of %s is %j", (scope, label, words) => {
  expect(labelOf({ namespace: "shop", name: "db" }, scope)).toBe(label);
  expect(describeLabel(label)).toBe(words);
});

describe("labels that a value may have been sealed for by mistake", () => {
  test("are those of all scopes, and of the namespace default", () => {
    const places = [
      { namespace: "shop", name: "db" },
      { namespace: "", name: "cache" },
    ];
    expect(candidateLabels(places)).toEqual([
      "",
      "shop",
      "default",
      "shop/db",
      "shop/cache",
      "default/db",
      "default/cache",
    ]);
  });

  test("are limited, whatever a repository holds", () => {
    const places = Array.from({ length: 1000 }, (_, n) => ({ namespace: `ns${n}`, name: `name${n}` }));
    expect(candidateLabels(places)).toHaveLength(1 + 300 + 300 * 300);
  });

  test("are few where there is one place", () => {
    expect(candidateLabels([{ namespace: "default", name: "a" }])).toEqual(["", "default", "default/a"]);
  });
});
