import type { KubeObject } from "../model/manifest.ts";

/** How one object is applied, said by an annotation on it; Flux's annotation of the same meaning counts as well. */
export type ApplyPolicy = "Override" | "Merge" | "IfNotPresent" | "Ignore";

const prefixes = ["mooring.dev", "kustomize.toolkit.fluxcd.io"] as const;

/** Tells whether an annotation of this name may say something to Mooring. */
export function isDirective(name: string): boolean {
  return prefixes.some((prefix) => name.startsWith(`${prefix}/`));
}

/** The value of an annotation under Mooring's prefix or, failing that, under Flux's. */
function annotation(object: KubeObject, name: string): string | undefined {
  const annotations = object.metadata.annotations ?? {};
  for (const prefix of prefixes) {
    const value = annotations[`${prefix}/${name}`];
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The object's apply policy (`…/ssa`); `Override` where it says nothing, or nothing known. */
export function applyPolicy(object: KubeObject): ApplyPolicy {
  const value = annotation(object, "ssa")?.toLowerCase();
  const policies: readonly ApplyPolicy[] = ["Merge", "IfNotPresent", "Ignore"];
  return policies.find((policy) => policy.toLowerCase() === value) ?? "Override";
}

/** `…/prune: disabled`: the object is never deleted. */
export function pruneDisabled(object: KubeObject): boolean {
  return annotation(object, "prune")?.toLowerCase() === "disabled";
}

/** `…/reconcile: disabled`: the object is neither applied nor deleted while the annotation stands. */
export function reconcileDisabled(object: KubeObject): boolean {
  return annotation(object, "reconcile")?.toLowerCase() === "disabled";
}

/** `…/force: enabled`: the object may be deleted and created again when an immutable field changed. */
export function forceEnabled(object: KubeObject): boolean {
  return annotation(object, "force")?.toLowerCase() === "enabled";
}
