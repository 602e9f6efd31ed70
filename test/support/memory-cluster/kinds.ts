import type { ResourceType } from "../../../src/cluster/index.ts";

const verbs = ["create", "delete", "get", "list", "patch", "update", "watch"];

const kind = (apiVersion: string, name: string, plural: string, namespaced = true): ResourceType => {
  const [version = "", group = ""] = apiVersion.split("/").reverse();
  return { group, version, kind: name, plural, namespaced, verbs };
};

/** What a memory cluster serves unless told otherwise. */
export const standardKinds: readonly ResourceType[] = [
  kind("v1", "Namespace", "namespaces", false),
  kind("v1", "ConfigMap", "configmaps"),
  kind("v1", "Secret", "secrets"),
  kind("v1", "Service", "services"),
  kind("v1", "ServiceAccount", "serviceaccounts"),
  kind("v1", "Pod", "pods"),
  kind("v1", "Event", "events"),
  kind("apps/v1", "Deployment", "deployments"),
  kind("apps/v1", "ReplicaSet", "replicasets"),
  kind("coordination.k8s.io/v1", "Lease", "leases"),
  kind("mooring.dev/v1alpha1", "Environment", "environments"),
  kind("mooring.dev/v1alpha1", "Promotion", "promotions"),
];

/** Kinds whose status is written by itself, and whose generation counts the changes of everything else. */
export const withStatus: ReadonlySet<string> = new Set(["Deployment", "ReplicaSet", "Environment", "Promotion"]);
