import type { ObjectId } from "../model/object-id.ts";

/**
 * What must stand before the next may be written. Definitions (CRDs, Namespaces) are awaited; the rest only has to be
 * accepted. Inside a wave objects are written at the same time.
 */
export const waves = ["definitions", "access", "configuration", "workloads", "webhooks"] as const;

/** One of the waves of a stage. */
export type Wave = (typeof waves)[number];

/** kustomize's legacy order (api/resmap ordering, `orderFirst` and `orderLast`), cut into waves. */
const kindsOfWave: Readonly<Record<Exclude<Wave, "workloads">, readonly string[]>> = {
  definitions: ["Namespace", "CustomResourceDefinition"],
  access: [
    "ResourceQuota",
    "StorageClass",
    "PriorityClass",
    "IngressClass",
    "RuntimeClass",
    "ServiceAccount",
    "PodSecurityPolicy",
    "Role",
    "ClusterRole",
    "RoleBinding",
    "ClusterRoleBinding",
  ],
  configuration: [
    "ConfigMap",
    "Secret",
    "Endpoints",
    "Service",
    "LimitRange",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "NetworkPolicy",
  ],
  webhooks: [
    "MutatingWebhookConfiguration",
    "ValidatingWebhookConfiguration",
    "MutatingAdmissionPolicyBinding",
    "ValidatingAdmissionPolicyBinding",
  ],
};

const rankOfKind = new Map<string, { readonly wave: Wave; readonly rank: number }>(
  Object.entries(kindsOfWave).flatMap(([wave, kinds]) =>
    kinds.map((kind, rank) => [kind, { wave: wave as Wave, rank }]),
  ),
);

/** The wave in which an object is written. Kinds that nothing is known of come with the workloads. */
export function waveOf(id: ObjectId): Wave {
  return rankOfKind.get(id.kind)?.wave ?? "workloads";
}

/** Orders ids as they are written: by wave, kind, group, namespace, name. Deletion goes the other way round. */
export function compareForApply(a: ObjectId, b: ObjectId): number {
  return (
    waves.indexOf(waveOf(a)) - waves.indexOf(waveOf(b)) ||
    (rankOfKind.get(a.kind)?.rank ?? 0) - (rankOfKind.get(b.kind)?.rank ?? 0) ||
    compareText(a.kind, b.kind) ||
    compareText(a.group, b.group) ||
    compareText(a.namespace, b.namespace) ||
    compareText(a.name, b.name)
  );
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
