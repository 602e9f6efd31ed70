import { describe, expect, test } from "vitest";
import { builtinSchema, crdReferences, customSchema } from "./index.ts";
import type { SchemaNode } from "./schema.ts";

const at = (root: SchemaNode | undefined, path: string): SchemaNode | undefined =>
  path
    .split(".")
    .filter((step) => step !== "")
    .reduce<SchemaNode | undefined>((node, step) => (step === "[]" ? node?.items() : node?.field(step)), root);

describe("the built-in schema", () => {
  const schema = builtinSchema();

  const container = "spec.template.spec.containers.[]";

  // By hand from api/openapi-spec/swagger.json of Kubernetes 1.21.2: the type, the strategies, the merge keys.
  test.each([
    ["apps/v1", "Deployment", "", "map  "],
    ["apps/v1", "Deployment", "spec.template.spec.containers", "list merge name"],
    ["apps/v1", "Deployment", `${container}.ports`, "list merge containerPort,protocol"],
    ["apps/v1", "Deployment", `${container}.ports.[].hostPort`, "integer  "],
    ["apps/v1", "Deployment", `${container}.env`, "list merge name"],
    ["apps/v1", "Deployment", `${container}.command`, "list  "],
    ["apps/v1", "Deployment", `${container}.volumeMounts`, "list merge mountPath"],
    ["apps/v1", "Deployment", "spec.template.spec.volumes", "list merge,retainKeys name"],
    ["apps/v1", "Deployment", "metadata.finalizers", "list merge "],
    ["apps/v1", "Deployment", "metadata.annotations", "map  "],
    ["apps/v1", "Deployment", "metadata.annotations.anything", "string  "],
    ["v1", "Service", "spec.ports", "list merge port,protocol"],
    ["apiextensions.k8s.io/v1", "CustomResourceDefinition", "spec.versions", "list  "],
  ])("%s %s %s is a %s", (apiVersion, kind, path, facts) => {
    const node = at(schema.schemaFor(apiVersion, kind), path);
    expect(`${node?.type} ${node?.patchStrategies} ${node?.mergeKeys}`).toBe(facts);
  });

  test("what is not in it is undefined, whatever it is called", () => {
    expect(schema.schemaFor("apps/v1", "Nothing")).toBeUndefined();
    expect(schema.schemaFor("", "constructor")).toBeUndefined();
    expect(at(schema.schemaFor("v1", "ConfigMap"), "constructor")).toBeUndefined();
    expect(at(schema.schemaFor("v1", "ConfigMap"), "kind.anything")).toBeUndefined();
    expect(schema.isNamespaced("example.com/v1", "Thing")).toBeUndefined();
  });

  test("a definition that contains itself is followed as far as it is asked for", () => {
    const crd = schema.schemaFor("apiextensions.k8s.io/v1", "CustomResourceDefinition");
    const deep = `spec.versions.[].schema.openAPIV3Schema.${"properties.a.".repeat(50)}type`;
    expect(at(crd, deep)?.type).toBe("string");
  });

  test("the same place gives the same node", () => {
    const node = schema.schemaFor("v1", "Pod");
    expect(node?.field("spec")).toBe(schema.schemaFor("v1", "Pod")?.field("spec"));
  });

  // From the table in kyaml openapi/openapi.go.
  test.each([
    ["v1", "Namespace", false],
    ["v1", "ConfigMap", true],
    ["rbac.authorization.k8s.io/v1", "ClusterRole", false],
    ["rbac.authorization.k8s.io/v1", "RoleBinding", true],
    ["admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy", false],
    ["storage.k8s.io/v1beta1", "CSIStorageCapacity", true],
  ])("%s %s is namespaced: %s", (apiVersion, kind, namespaced) => {
    expect(schema.isNamespaced(apiVersion, kind)).toBe(namespaced);
  });
});

describe("a custom schema", () => {
  const gvk = { group: "example.com", version: "v1", kind: "Robot" };
  const schema = customSchema({
    definitions: {
      "com.example.Robot": {
        type: "object",
        properties: {
          spec: { $ref: "#/definitions/com.example.RobotSpec", "x-kubernetes-patch-strategy": "retainKeys" },
          lost: { $ref: "#/definitions/com.example.Lost" },
          loop: { $ref: "#/definitions/com.example.Loop" },
        },
        "x-kubernetes-group-version-kind": [gvk, { group: "", version: "v2", kind: "Robot" }],
      },
      "com.example.RobotSpec": {
        type: "object",
        properties: {
          arms: {
            type: "array",
            items: { type: "object", additionalProperties: { type: "boolean" } },
            "x-kubernetes-patch-strategy": "merge",
            "x-kubernetes-patch-merge-key": "side",
          },
          legs: { type: "array", items: { type: "string" }, "x-kubernetes-patch-merge-key": "side" },
        },
      },
      "com.example.Loop": { $ref: "#/definitions/com.example.Loop" },
    },
    paths: {
      "/apis/example.com/v1/robots": { get: { "x-kubernetes-group-version-kind": gvk } },
      "/apis/example.com/v1/namespaces/{namespace}/robots": { get: { "x-kubernetes-group-version-kind": gvk } },
      "/apis/example.com/v2/robots": { get: { "x-kubernetes-group-version-kind": { ...gvk, version: "v2" } } },
      "/apis/example.com/v3/robots": { post: { "x-kubernetes-group-version-kind": { ...gvk, version: "v3" } } },
    },
  });

  test("follows references and reads the merge facts", () => {
    const robot = schema.schemaFor("example.com/v1", "Robot");
    expect(at(robot, "spec")).toMatchObject({ type: "map", patchStrategies: [] });
    expect(at(robot, "spec.arms")).toMatchObject({ type: "list", patchStrategies: ["merge"], mergeKeys: ["side"] });
    expect(at(robot, "spec.arms.[].anything")?.type).toBe("boolean");
    expect(at(robot, "spec.legs")).toMatchObject({ patchStrategies: [], mergeKeys: [] });
    expect(at(robot, "lost")).toBeUndefined();
    expect(at(robot, "loop")).toBeUndefined();
    expect(schema.schemaFor("v2", "Robot")).toBe(robot);
    expect(schema.schemaFor("apps/v1", "Deployment")).toBeUndefined();
  });

  test("reads the scope from the paths that serve a kind", () => {
    expect(schema.isNamespaced("example.com/v1", "Robot")).toBe(true);
    expect(schema.isNamespaced("example.com/v2", "Robot")).toBe(false);
    expect(schema.isNamespaced("example.com/v3", "Robot")).toBeUndefined();
  });

  test.each([[undefined], [null], ["text"], [{ definitions: [] }]])("%j has no kinds", (document) => {
    expect(customSchema(document).schemaFor("v1", "Pod")).toBeUndefined();
  });
});

describe("the references of custom resources", () => {
  const kubernetesType = { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { type: "object" } };

  test("are found at any depth", () => {
    const document = {
      "github.com/example/v1.Bee": {
        Schema: { properties: { ...kubernetesType, spec: { $ref: "github.com/example/v1.BeeSpec" } } },
      },
      "github.com/example/v1.BeeSpec": {
        Schema: {
          properties: {
            action: { type: "string", "x-kubernetes-annotation": "" },
            flowers: { type: "object", "x-kubernetes-label-selector": "" },
            hive: { type: "string", "x-kubernetes-identity": "" },
            secret: {
              type: "object",
              "x-kubernetes-object-ref-api-version": "v1",
              "x-kubernetes-object-ref-kind": "Secret",
            },
            queen: {
              type: "object",
              "x-kubernetes-object-ref-api-version": "v1beta1",
              "x-kubernetes-object-ref-kind": "Queen",
              "x-kubernetes-object-ref-name-key": "title",
            },
          },
        },
      },
    };
    expect(crdReferences(document, "bee.json")).toEqual({
      commonAnnotations: [{ kind: "Bee", path: "spec/action" }],
      commonLabels: [{ kind: "Bee", path: "spec/flowers" }],
      namePrefix: [{ kind: "Bee", path: "spec/hive" }],
      nameReferences: [
        { target: { kind: "Secret", version: "v1" }, field: { kind: "Bee", path: "spec/secret/name" } },
        { target: { kind: "Queen", version: "v1beta1" }, field: { kind: "Bee", path: "spec/queen/title" } },
      ],
    });
  });

  test("refuse a type inside itself", () => {
    const document = { Bee: { Schema: { properties: { ...kubernetesType, spec: { $ref: "Bee" } } } } };
    expect(() => crdReferences(document, "bee.json")).toThrow("bee.json: the schema of Bee contains Bee inside itself");
  });
});
