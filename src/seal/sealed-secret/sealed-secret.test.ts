import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { isSealedSecret, located, memberPath, readSealedSecret } from "./sealed-secret.ts";

const cluster = "sealedsecrets.bitnami.com/cluster-wide";
const namespace = "sealedsecrets.bitnami.com/namespace-wide";

function object(metadata: JsonObject = {}, spec: JsonObject = { encryptedData: { password: "AgA=" } }): KubeObject {
  return {
    apiVersion: "bitnami.com/v1alpha1",
    kind: "SealedSecret",
    metadata: { name: "db", namespace: "shop", ...metadata },
    spec,
  } as KubeObject;
}

test.each([
  ["bitnami.com/v1alpha1", "SealedSecret", true],
  ["bitnami.com/v2", "SealedSecret", true],
  ["bitnami.com/v1alpha1", "Secret", false],
  ["example.com/v1alpha1", "SealedSecret", false],
  ["v1", "SealedSecret", false],
  ["xbitnami.com/v1", "SealedSecret", false],
])("%s %s is a SealedSecret: %s", (apiVersion, kind, expected) => {
  expect(isSealedSecret({ apiVersion, kind, metadata: { name: "a" } })).toBe(expected);
});

describe("a well-formed one", () => {
  test("has its place, scope, label, items and template", () => {
    const spec = {
      encryptedData: { password: "AgA=" },
      template: {
        type: "Opaque",
        immutable: true,
        metadata: { labels: { app: "shop" }, annotations: { a: "b" }, finalizers: ["x", 5] },
        data: { url: "{{ .password }}" },
      },
    };
    expect(readSealedSecret(object({ annotations: { [namespace]: "true" } }, spec))).toEqual({
      place: { namespace: "shop", name: "db" },
      scope: "namespace-wide",
      label: "shop",
      algorithm: "rsa",
      items: { password: "AgA=" },
      template: {
        type: "Opaque",
        immutable: true,
        labels: { app: "shop" },
        annotations: { a: "b" },
        finalizers: ["x"],
        data: { url: "{{ .password }}" },
      },
      sealAnnotation: undefined,
    });
  });

  test.each([
    ["no spec", undefined],
    ["no items", {}],
    ["null for items", { encryptedData: null }],
    ["null for the template", { encryptedData: {}, template: null }],
    ["null within the template", { template: { metadata: { labels: null, annotations: null }, data: null } }],
    ["an empty type", { template: { type: "" } }],
  ])("may have %s", (_what, spec) => {
    expect(readSealedSecret(object({}, spec as JsonObject))).toMatchObject({ items: {}, template: { data: {} } });
  });

  test.each([
    ["rsa", { "mooring.dev/algorithm": "rsa" }],
    ["x25519", { "mooring.dev/algorithm": "x25519" }],
    ["rsa", {}],
  ])("is of the algorithm %s", (algorithm, annotations) => {
    expect(readSealedSecret(object({ annotations }))).toMatchObject({ algorithm });
  });

  test("needs no namespace where it is cluster-wide", () => {
    const read = readSealedSecret(object({ namespace: undefined, annotations: { [cluster]: "true" } }));
    expect(read).toMatchObject({ place: { namespace: "", name: "db" }, label: "" });
  });

  test("names that objects have are items like any other", () => {
    const read = readSealedSecret(object({}, JSON.parse('{"encryptedData":{"__proto__":"a","constructor":"b"}}')));
    expect("items" in read ? Object.keys(read.items) : read).toEqual(["__proto__", "constructor"]);
  });
});

describe("what is wrong is named by its field", () => {
  const template = (metadata: JsonObject) => ({ encryptedData: {}, template: { metadata } });
  const rows: readonly (readonly [what: string, object: KubeObject, field: string, message: string])[] = [
    [
      "no namespace",
      object({ namespace: "" }),
      "metadata.namespace",
      "is missing, but a value sealed strict is bound to it",
    ],
    [
      "no namespace, namespace-wide",
      object({ namespace: "", annotations: { [namespace]: "true" } }),
      "metadata.namespace",
      "is missing, but a value sealed namespace-wide is bound to it",
    ],
    ["a namespace with a slash", object({ namespace: "a/b" }), "metadata.namespace", "is not a namespace name"],
    ["items that are a list", object({}, { encryptedData: [] }), "spec.encryptedData", "must be a map of strings"],
    ["items that are text", object({}, { encryptedData: "x" }), "spec.encryptedData", "must be a map of strings"],
    ["a number for an item", object({}, { encryptedData: { a: 5 } }), "spec.encryptedData.a", "must be a string"],
    [
      "an item with a dot",
      object({}, { encryptedData: { "tls.key": null } }),
      'spec.encryptedData["tls.key"]',
      "must be a string",
    ],
    ["the deprecated form", object({}, { data: "x" }), "spec.data", "the deprecated form is not supported"],
    [
      "an unknown algorithm",
      object({ annotations: { "mooring.dev/algorithm": "rot13" } }),
      'metadata.annotations["mooring.dev/algorithm"]',
      '"rot13" is not known',
    ],
    [
      "annotations that are no strings",
      object({ annotations: { a: 5 } }),
      "metadata.annotations.a",
      "must be a string",
    ],
    [
      "a template that widens the scope (CVE-2026-22728)",
      object({}, template({ annotations: { [cluster]: "true" } })),
      "spec.template.metadata.annotations",
      "request the scope cluster-wide, but the object's own annotations say strict",
    ],
    [
      "a template that widens it by one",
      object({ annotations: { [namespace]: "true" } }, template({ annotations: { [cluster]: "true" } })),
      "spec.template.metadata.annotations",
      "request the scope cluster-wide, but the object's own annotations say namespace-wide",
    ],
    [
      "a template of another name",
      object({}, template({ name: "x" })),
      "spec.template.metadata.name",
      'is "x", but metadata.name is "db"',
    ],
    [
      "a template of another namespace",
      object({}, template({ namespace: "x" })),
      "spec.template.metadata.namespace",
      'is "x", but metadata.namespace is "shop"',
    ],
    [
      "labels that are a list",
      object({}, template({ labels: [] })),
      "spec.template.metadata.labels",
      "must be a map of strings",
    ],
    [
      "a data template that is no string",
      object({}, { template: { data: { a: 1 } } }),
      "spec.template.data.a",
      "must be a string",
    ],
    [
      "more values than are opened",
      object({}, { encryptedData: Object.fromEntries(Array.from({ length: 2001 }, (_, n) => [`k${n}`, "x"])) }),
      "spec.encryptedData",
      "holds 2001 values; the limit is 2000",
    ],
    [
      "a value longer than a Secret",
      object({}, { encryptedData: { a: "x".repeat(1_572_865) } }),
      "spec.encryptedData.a",
      "is longer than a Secret may be (1 MiB)",
    ],
    [
      "values longer than a Secret together",
      object({}, { encryptedData: Object.fromEntries(["a", "b", "c"].map((name) => [name, "x".repeat(1_100_000)])) }),
      "spec.encryptedData",
      "is longer than a Secret may be: all its values together may have 1 MiB",
    ],
  ];
  test.each(rows)("%s", (_what, sealed, field, message) => {
    expect(readSealedSecret(sealed)).toEqual([
      { code: "SealInvalid", problem: expect.objectContaining({ field, message }) },
    ]);
  });

  test("a template may name what the scope leaves free", () => {
    const wide = { annotations: { [cluster]: "true" } };
    expect(readSealedSecret(object(wide, template({ name: "x", namespace: "y" })))).toHaveProperty("items");
    const inNamespace = { annotations: { [namespace]: "true" } };
    expect(readSealedSecret(object(inNamespace, template({ name: "x" })))).toHaveProperty("items");
    expect(readSealedSecret(object(wide, template({ annotations: { [namespace]: "true" } })))).toHaveLength(1);
  });

  test("several at once", () => {
    const read = readSealedSecret(object({ namespace: "a/b" }, { encryptedData: { a: 1, b: 2 }, data: "x" }));
    expect(read).toHaveLength(4);
  });
});

test.each([
  ["password", "spec.password"],
  ["tls.key", 'spec["tls.key"]'],
  ["with-dash", "spec.with-dash"],
  ["-dash", 'spec["-dash"]'],
  ["1", 'spec["1"]'],
  ["", 'spec[""]'],
])("the member %s is written %s", (key, path) => {
  expect(memberPath("spec", key)).toBe(path);
});

test("a problem is located by file, line and object, and keeps its own", () => {
  const problem = { field: "f", message: "m" };
  expect(located(problem, { namespace: "shop", name: "db" }, { file: "a.yaml", line: 3 })).toEqual({
    file: "a.yaml",
    line: 3,
    object: "SealedSecret/shop/db",
    ...problem,
  });
  expect(located({ ...problem, object: "X" }, { namespace: "", name: "db" })).toEqual({ ...problem, object: "X" });
  expect(located(problem, { namespace: "", name: "db" }, { file: "a" })).toEqual({
    file: "a",
    object: "SealedSecret/db",
    ...problem,
  });
});
