/** Every desired object has a kind that the cluster serves or the revision defines, and the scope of that kind. */
import { describe, expect, test } from "vitest";
import { definition, deployment, never, settings, stageOf } from "../../../test/rollout/objects.ts";
import type { Cluster, ResourceType } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { isServedAs, isWhole, resolve, servedKind, typeKey } from "./resolve.ts";

const type = (group: string, version: string, kind: string, namespaced = true): ResourceType => ({
  ...{ group, version, kind, namespaced },
  plural: `${kind.toLowerCase()}s`,
  verbs: ["list"],
});

/** A cluster that serves these kinds, in this order of preference. */
function serving(...types: readonly ResourceType[]): Cluster {
  const cluster: Partial<Cluster> = {
    kinds: async () => types,
    resource: async (apiVersion, kind) =>
      types.find((each) => each.kind === kind && apiVersion === [each.group, each.version].filter(Boolean).join("/")),
  };
  return cluster as Cluster;
}

const core = [type("", "v1", "ConfigMap"), type("", "v1", "Namespace", false), type("apps", "v1", "Deployment")];
const crds = type("apiextensions.k8s.io", "v1", "CustomResourceDefinition", false);
const widget = (version = "v1", namespace: string | undefined = "shop"): KubeObject => ({
  apiVersion: `example.com/${version}`,
  kind: "Widget",
  metadata: { name: "w", ...(namespace === undefined ? {} : { namespace }) },
});
const clusterWide = (kind: string): KubeObject => {
  const { metadata, ...crd } = definition(kind);
  return { ...crd, metadata, spec: { group: "example.com", names: { kind }, scope: "Cluster", versions: [] } };
};

describe("the kind of what was written in a version is", () => {
  const [v1, v2] = [type("example.com", "v1", "Widget"), type("example.com", "v2", "Widget")];
  test.each<readonly [what: string, served: readonly ResourceType[], version: string, found: ResourceType | undefined]>(
    [
      ["the one of that version, whichever is preferred", [v2, v1], "v1", v1],
      ["another version where that one is gone", [v2], "v1", v2],
      ["the preferred one of several others", [v2, v1], "v1alpha1", v2],
      ["nothing where the group serves another kind", [type("example.com", "v1", "Gadget")], "v1", undefined],
      ["nothing where another group serves it", [type("other.com", "v1", "Widget")], "v1", undefined],
    ],
  )("%s", async (_what, served, version, found) => {
    expect(await servedKind(serving(...served), v1, version, never)).toEqual(found);
  });

  test("asked for without a group in the core one", async () => {
    expect(await servedKind(serving(...core), { group: "", kind: "ConfigMap" }, "v1", never)).toEqual(core[0]);
  });
});

test.each([
  ["v1", true],
  ["v2", false],
])("an object of example.com/%s is served as it is where v1 is: %s", (version, isServed) => {
  expect(isServedAs(widget(version), type("example.com", "v1", "Widget"))).toBe(isServed);
});

test.each([
  ["ConfigMap", "", false],
  ["Deployment", "apps", true],
  ["Widget", "example.com", true],
])("the health of a %s lies in more than its metadata: %s", (kind, group, whole) => {
  expect(isWhole({ healthRules: undefined }, { group, kind })).toBe(whole);
});

test("the kinds of all stages are found, each once, and the stages stay as they are", async () => {
  const stages = [stageOf([settings("a"), settings("b")]), stageOf([deployment("web")], 1_000, "later")];
  const asked: string[] = [];
  const cluster = serving(...core);
  const counting: Cluster = {
    ...cluster,
    resource: (apiVersion, kind, signal) => {
      asked.push(typeKey(apiVersion, kind));
      return cluster.resource(apiVersion, kind, signal);
    },
  };
  const resolved = await resolve(counting, stages, never);
  expect(resolved.stages).toEqual(stages);
  expect([...resolved.types.keys()]).toEqual(["v1 ConfigMap", "apps/v1 Deployment"]);
  expect(asked).toEqual(["v1 ConfigMap", "apps/v1 Deployment"]);
});

test("a cluster-scoped object loses a namespace that it was given", async () => {
  const misplaced: KubeObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "shop", namespace: "shop" } };
  const { stages } = await resolve(serving(...core), [stageOf([misplaced])], never);
  expect(stages[0]?.manifests[0]).toMatchObject({
    id: { name: "shop", namespace: "" },
    object: { metadata: { name: "shop" } },
  });
  expect(stages[0]?.manifests[0]?.object.metadata).not.toHaveProperty("namespace");
});

describe("an object whose definition comes with it", () => {
  test("has no kind yet, and keeps its namespace", async () => {
    const { stages, types } = await resolve(serving(crds), [stageOf([definition("Widget"), widget()])], never);
    expect([...types.keys()]).toEqual(["apiextensions.k8s.io/v1 CustomResourceDefinition"]);
    expect(stages[0]?.manifests[1]?.id.namespace).toBe("shop");
  });

  test("loses a namespace where that says that it has none", async () => {
    const { stages } = await resolve(serving(crds), [stageOf([clusterWide("Widget"), widget()])], never);
    expect(stages[0]?.manifests[1]?.id.namespace).toBe("");
  });

  test("goes by its new scope where only another version is served", async () => {
    const served = serving(crds, type("example.com", "v1", "Widget", false));
    const { stages, types } = await resolve(served, [stageOf([definition("Widget", ["v2"]), widget("v2")])], never);
    expect(types.get("example.com/v2 Widget")).toMatchObject({ version: "v1" });
    expect(stages[0]?.manifests[1]?.id.namespace).toBe("shop");
  });

  test("may be of a later stage than that", async () => {
    const stages = [stageOf([definition("Widget")]), stageOf([widget()], 1_000, "later")];
    await expect(resolve(serving(crds), stages, never)).resolves.toMatchObject({ stages: [{}, { name: "later" }] });
  });
});

describe("what cannot be written is told with its file, all of it at once", () => {
  test("a kind that nobody serves or defines", async () => {
    const failure = await resolve(serving(...core), [stageOf([widget(), settings("a")])], never).catch(
      (thrown: unknown) => thrown,
    );
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      code: "KindUnknown",
      problems: [
        {
          ...{ file: "w.yaml", line: 1, object: "Widget/shop/w" },
          message: "the cluster serves no kind Widget in example.com/v1",
        },
      ],
    });
  });

  test("an object without the namespace that it needs", async () => {
    const { namespace: _, ...metadata } = settings("a").metadata;
    const homeless = { ...settings("a"), metadata };
    await expect(resolve(serving(...core), [stageOf([homeless])], never)).rejects.toMatchObject({
      code: "ObjectInvalid",
      problems: [{ file: "a.yaml", field: "metadata.namespace", message: "has no namespace" }],
    });
  });

  test("both, as the unknown kind", async () => {
    const { namespace: _, ...metadata } = settings("a").metadata;
    const stages = [stageOf([{ ...settings("a"), metadata }]), stageOf([widget()], 1_000, "later")];
    await expect(resolve(serving(...core), stages, never)).rejects.toMatchObject({
      code: "KindUnknown",
      problems: [{ file: "w.yaml" }, { file: "a.yaml" }],
    });
  });
});

test("an API server that cannot answer is an error of the way there", async () => {
  const away = new Failure("ClusterUnreachable", { message: "connection refused" });
  const cluster = { ...serving(), resource: () => Promise.reject(away) } as Cluster;
  await expect(resolve(cluster, [stageOf([settings("a")])], never)).rejects.toBe(away);
});
