import { ownerLabels } from "../../src/api/names.ts";
import type { KubeObject, Manifest } from "../../src/model/manifest.ts";
import { manifestOf } from "./fake-cluster.ts";

/** A signal that never aborts. */
export const never: AbortSignal = new AbortController().signal;

/** The labels of what the Environment `mooring-system/<name>` owns; `own` is the one that the fake cluster's target is for. */
export const labelsOf = (name = "own"): Readonly<Record<string, string>> => ({
  [ownerLabels.name]: name,
  [ownerLabels.namespace]: "mooring-system",
});

/** A ConfigMap of the namespace `shop`, with the labels of `own`. */
export function settings(name: string, metadata: Partial<KubeObject["metadata"]> = {}, more = {}): KubeObject {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: "shop", labels: labelsOf(), ...metadata },
    ...more,
  };
}

/** A Deployment of the namespace `shop` with one replica, with the labels of `own`. */
export function deployment(name: string, more = {}): KubeObject {
  return {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name, namespace: "shop", labels: labelsOf(), generation: 1 },
    spec: { replicas: 1 },
    ...more,
  };
}

/** The status of a Deployment with one replica that is available, as its controller writes it. */
export const available = {
  observedGeneration: 1,
  replicas: 1,
  updatedReplicas: 1,
  readyReplicas: 1,
  availableReplicas: 1,
  conditions: [{ type: "Available", status: "True" }],
};

/** The definition of a namespaced kind of the group `example.com`, served in these versions. */
export function definition(kind: string, versions: readonly string[] = ["v1"], more = {}): KubeObject {
  const plural = `${kind.toLowerCase()}s`;
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.example.com`, labels: labelsOf(), ...more },
    spec: {
      group: "example.com",
      names: { kind, plural },
      scope: "Namespaced",
      versions: versions.map((name) => ({ name, served: true, storage: name === versions[0] })),
    },
  };
}

/** A single stage of these objects. */
export const stageOf = (objects: readonly KubeObject[], timeoutMs = 60_000, name = "") => ({
  name,
  timeoutMs,
  manifests: objects.map(manifestOf),
});

/** What an Environment allows unless it says otherwise, and one whose manifests hold nothing sealed. */
export const policy = { prune: true, force: false, guard: undefined, approved: undefined };
export const unseal = async (manifests: readonly Manifest[]) => manifests;

/** An inventory of ConfigMaps of the namespace `shop`. */
export const inventoryOf = (...names: readonly string[]) => ({
  entries: names.map((name) => ({ id: `shop_${name}__ConfigMap`, v: "v1" })),
});
