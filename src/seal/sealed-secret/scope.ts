import { sealedSecretAnnotations as annotation, type Scope } from "../../api/sealed-secret.ts";

/** The namespace and name of an object. */
export interface Place {
  readonly namespace: string;
  readonly name: string;
}

type Annotations = Readonly<Record<string, string>> | undefined;

/**
 * The scope that annotations ask for. Cluster-wide wins over namespace-wide, and only the exact value `true` counts,
 * as in `SecretScope` of sealed-secrets.
 */
export function scopeOf(annotations: Annotations): Scope {
  if (annotations?.[annotation.clusterWide] === "true") return "cluster-wide";
  if (annotations?.[annotation.namespaceWide] === "true") return "namespace-wide";
  return "strict";
}

/** The annotations with the scope's own set and the other scopes' removed, as `UpdateScopeAnnotations` does. */
export function withScope(annotations: Annotations, scope: Scope): Readonly<Record<string, string>> {
  const { [annotation.clusterWide]: _cluster, [annotation.namespaceWide]: _namespace, ...rest } = annotations ?? {};
  if (scope === "cluster-wide") return { ...rest, [annotation.clusterWide]: "true" };
  if (scope === "namespace-wide") return { ...rest, [annotation.namespaceWide]: "true" };
  return rest;
}

/**
 * The label a value is bound to: empty for cluster-wide, the namespace for namespace-wide, `namespace/name` with a
 * slash for strict (`EncryptionLabel` of sealed-secrets; its documentation speaks of a plain concatenation).
 */
export function labelOf(place: Place, scope: Scope): string {
  switch (scope) {
    case "strict":
      return `${place.namespace}/${place.name}`;
    case "namespace-wide":
      return place.namespace;
    case "cluster-wide":
      return "";
  }
}

/** The label in words: `shop/db (strict)`, `namespace shop (namespace-wide)`, `any namespace (cluster-wide)`. */
export function describeLabel(label: string): string {
  if (label === "") return "any namespace (cluster-wide)";
  return label.includes("/") ? `${label} (strict)` : `namespace ${label} (namespace-wide)`;
}
