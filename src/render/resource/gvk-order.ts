import type { GvkPattern } from "./res-id.ts";

/** Kinds that come before all others, in this order: what others need comes first. */
export const kindsFirst: readonly string[] = [
  "Namespace",
  "ResourceQuota",
  "StorageClass",
  "CustomResourceDefinition",
  "ServiceAccount",
  "PodSecurityPolicy",
  "Role",
  "ClusterRole",
  "RoleBinding",
  "ClusterRoleBinding",
  "ConfigMap",
  "Secret",
  "Endpoints",
  "Service",
  "LimitRange",
  "PriorityClass",
  "PersistentVolume",
  "PersistentVolumeClaim",
  "Deployment",
  "StatefulSet",
  "CronJob",
  "PodDisruptionBudget",
];

/** Kinds that come after all others: they may refuse what comes after them. */
export const kindsLast: readonly string[] = ["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration"];

/** The place of each kind in an order of some kinds first and some last; kinds not named are at 0. */
export function kindRanks(first: readonly string[], last: readonly string[]): ReadonlyMap<string, number> {
  const ranks = new Map(first.map((kind, index) => [kind, index - first.length]));
  last.forEach((kind, index) => {
    ranks.set(kind, index + 1);
  });
  return ranks;
}

/** The text by which kinds of the same rank are sorted; `~` puts what is empty last. */
export function gvkSortText(gvk: GvkPattern): string {
  return `${gvk.group || "~G"}_${gvk.version || "~V"}_${gvk.kind || "~K"}`;
}

const ranks = kindRanks(kindsFirst, kindsLast);

/** Compares two kinds in kustomize's order. */
export function gvkOrder(a: GvkPattern, b: GvkPattern): number {
  const difference = (ranks.get(a.kind ?? "") ?? 0) - (ranks.get(b.kind ?? "") ?? 0);
  return difference !== 0 ? difference : compareText(gvkSortText(a), gvkSortText(b));
}

/** Compares two texts by code point, as Go compares strings (byte by byte, in UTF-8). */
export function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    // A surrogate stands for a code point beyond all others that one unit can hold.
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

const codePointRank = (unit: number): number => (unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit);
