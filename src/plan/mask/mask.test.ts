import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isSecret, maskAfter, maskBefore, maskChanges } from "./mask.ts";

const lastApplied = "/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration";

describe("maskChanges", () => {
  test.each([
    "/data",
    "/data/password",
    "/data/a~1b",
    "/stringData/password",
    "/spec/token",
    "/metadata/annotations",
    "/metadata",
    lastApplied,
    "",
  ])("takes the values out of %s", (path) => {
    expect(maskChanges([{ path, from: "was", to: "will", manager: "kubectl-edit" }])).toEqual([
      { path, from: maskBefore, to: maskAfter, manager: "kubectl-edit" },
    ]);
  });

  test.each(["/metadata/labels/app", "/metadata/annotations/team", "/type", "/immutable"])("leaves %s", (path) => {
    const change = { path, from: "was", to: "will" };
    expect(maskChanges([change])).toEqual([change]);
  });

  test("shows that a key came or went", () => {
    const changes = [
      { path: "/data/a", from: undefined, to: "x" },
      { path: "/data/b", from: "x", to: undefined },
    ];
    expect(maskChanges(changes)).toEqual([
      { path: "/data/a", from: undefined, to: maskAfter },
      { path: "/data/b", from: maskBefore, to: undefined },
    ]);
  });

  test("lets no value outside metadata and type through", () => {
    const path = fc
      .array(fc.constantFrom("data", "stringData", "spec", "a~1b", "type2", "0"))
      .map((parts) => parts.map((part) => `/${part}`).join(""));
    fc.assert(
      fc.property(path, fc.string({ minLength: 20 }), (where, value) => {
        expect(JSON.stringify(maskChanges([{ path: where, from: value, to: { inside: value } }]))).not.toContain(
          JSON.stringify(value).slice(1, -1),
        );
      }),
    );
  });
});

test("only the core group's Secret is one", () => {
  expect(isSecret({ apiVersion: "v1", kind: "Secret" })).toBe(true);
  expect(isSecret({ apiVersion: "example.com/v1", kind: "Secret" })).toBe(false);
  expect(isSecret({ apiVersion: "v1", kind: "ConfigMap" })).toBe(false);
});
