import type { KubeObject } from "../model/manifest.ts";

/** How one object is applied, said by a label or an annotation on it; Flux's of the same meaning counts as well. */
export type ApplyPolicy = "Override" | "Merge" | "IfNotPresent" | "Ignore";

const prefixes = ["mooring.dev", "kustomize.toolkit.fluxcd.io"] as const;

/** What may be said of an object, in lower case; where two places disagree the value that stands first here holds. */
const directives = {
  ssa: ["ignore", "ifnotpresent", "merge", "override"],
  prune: ["disabled", "enabled"],
  reconcile: ["disabled", "enabled"],
  force: ["enabled", "disabled"],
} as const;

type Directive = keyof typeof directives;

/** Tells whether a label or annotation of this name may say something to Mooring. */
export function isDirective(name: string): boolean {
  return prefixes.some((prefix) => name.startsWith(`${prefix}/`));
}

/**
 * What an object says of itself, in labels or annotations alike, whatever the case of the value: under Mooring's prefix or,
 * where nothing known stands there, under Flux's. As `AnyInMetadata` of github.com/fluxcd/pkg/ssa/utils/meta.go.
 */
function said<Name extends Directive>(object: KubeObject, name: Name): (typeof directives)[Name][number] | undefined {
  const { labels, annotations } = object.metadata;
  for (const prefix of prefixes) {
    const texts = [labels, annotations].map((values) => textOf(values, `${prefix}/${name}`));
    const found = directives[name].find((value) => texts.includes(value));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What a manifest names and leaves empty is null. */
type Texts = Readonly<Record<string, string>> | null | undefined;

function textOf(values: Texts, name: string): string | undefined {
  const text: unknown = values && Object.hasOwn(values, name) ? values[name] : undefined;
  return typeof text === "string" ? text.toLowerCase() : undefined;
}

/** The object's apply policy (`…/ssa`); `Override` where it says nothing, or nothing known. */
export function applyPolicy(object: KubeObject): ApplyPolicy {
  const policies = { ignore: "Ignore", ifnotpresent: "IfNotPresent", merge: "Merge", override: "Override" } as const;
  return policies[said(object, "ssa") ?? "override"];
}

/** `…/prune: disabled`: the object is never deleted. */
export function pruneDisabled(object: KubeObject): boolean {
  return said(object, "prune") === "disabled";
}

/** `…/reconcile: disabled`: the object is neither applied nor deleted while that stands. */
export function reconcileDisabled(object: KubeObject): boolean {
  return said(object, "reconcile") === "disabled";
}

/** `…/force: enabled`: the object may be deleted and created again when an immutable field changed. */
export function forceEnabled(object: KubeObject): boolean {
  return said(object, "force") === "enabled";
}

/** What a live object says against being deleted, in words, or undefined where it says nothing. */
export function whyKept(live: KubeObject): "prune: disabled" | "reconcile: disabled" | "ssa: Ignore" | undefined {
  if (pruneDisabled(live)) return "prune: disabled";
  if (reconcileDisabled(live)) return "reconcile: disabled";
  return applyPolicy(live) === "Ignore" ? "ssa: Ignore" : undefined;
}

/** The labels and annotations of an object that say how it is applied and deleted: what another in its place must say too. */
export function directivesOf({ metadata }: KubeObject): {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
} {
  const names = new Set(prefixes.flatMap((prefix) => Object.keys(directives).map((name) => `${prefix}/${name}`)));
  const only = (values: Texts) => Object.fromEntries(Object.entries(values ?? {}).filter(([name]) => names.has(name)));
  return { labels: only(metadata.labels), annotations: only(metadata.annotations) };
}
