/** What users write as a sealed secret: the group, kind and annotations of Bitnami's SealedSecret, exactly as kubeseal writes them. */
export const sealedSecretApiVersion = "bitnami.com/v1alpha1";
export const sealedSecretKind = "SealedSecret";

/** The label under which the sealed-secrets controller keeps its key pairs; only those labelled `active` are used. */
export const sealingKeyLabel = "sealedsecrets.bitnami.com/sealed-secrets-key";

/** How far a sealed value may travel: one name in one namespace, any name in one namespace, or anywhere in the cluster. */
export type Scope = "strict" | "namespace-wide" | "cluster-wide";

/** Every scope, narrowest first. */
export const scopes: readonly Scope[] = ["strict", "namespace-wide", "cluster-wide"];

/** How values are sealed: as kubeseal does, or as libsodium sealed boxes that only Mooring opens. */
export type SealAlgorithm = "rsa" | "x25519";

/**
 * Annotations of a SealedSecret and of the template in it. The first five are the sealed-secrets controller's own
 * (`pkg/apis/sealedsecrets/v1alpha1/types.go` of bitnami-labs/sealed-secrets).
 */
export const sealedSecretAnnotations = {
  clusterWide: "sealedsecrets.bitnami.com/cluster-wide",
  namespaceWide: "sealedsecrets.bitnami.com/namespace-wide",
  managed: "sealedsecrets.bitnami.com/managed",
  patch: "sealedsecrets.bitnami.com/patch",
  skipSetOwnerReferences: "sealedsecrets.bitnami.com/skip-set-owner-references",
  /** `x25519` where the values are sealed boxes; absent for kubeseal's own format. */
  algorithm: "mooring.dev/algorithm",
  /** What was sealed for whom, with which key: reveals nothing, lets `mooring secrets verify` work offline. */
  record: "mooring.dev/sealed",
} as const;
