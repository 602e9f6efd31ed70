import type { KubeObject } from "../../src/model/manifest.ts";

/** A ConfigMap in `default`. */
export function configMap(name: string, data: Readonly<Record<string, string>> = { key: "value" }): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "default", labels: { test: "yes" } },
    data,
  };
}

/** A Deployment in `default` that runs nothing. */
export function deployment(name: string, image = "registry.example/app:1"): KubeObject {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "app", image }] } };
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "default" },
    spec: { replicas: 0, selector: { matchLabels: labels }, template },
  };
}

/** A cluster-scoped object of any kind with a spec. */
export function clusterObject(apiVersion: string, kind: string, name: string, spec: KubeObject["spec"]): KubeObject {
  return { apiVersion, kind, metadata: { name }, spec: spec ?? {} };
}

/** The definition of the kind `Thing` in a group. */
export function thingDefinition(group: string): KubeObject {
  const spec = { type: "object", properties: { size: { type: "string" } } };
  return clusterObject("apiextensions.k8s.io/v1", "CustomResourceDefinition", `things.${group}`, {
    group,
    scope: "Namespaced",
    names: { plural: "things", singular: "thing", kind: "Thing", listKind: "ThingList" },
    versions: [
      {
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", properties: { spec } } },
      },
    ],
  });
}
