/** The API group of everything Mooring defines. */
export const group = "mooring.dev";
/** Its one version so far. */
export const version = "v1alpha1";
/** The apiVersion of Environment and Promotion. */
export const apiVersion = `${group}/${version}`;

/** The field manager of every server-side apply. */
export const fieldManager = "mooring";

/** Labels on every applied object: which Environment owns it. */
export const ownerLabels = {
  name: "environment.mooring.dev/name",
  namespace: "environment.mooring.dev/namespace",
} as const;

/** Keeps an Environment until its deletion policy has been carried out. */
export const finalizer = "mooring.dev/finalizer";

/** Annotations that people and the CLI write on an Environment. */
export const environmentAnnotations = {
  /** Any new value asks for a reconcile now. */
  requestedAt: "mooring.dev/requestedAt",
  /** The digest of the plan that may run although the deletion guard held it. */
  approve: "mooring.dev/approve",
  /** The revision that the environment is pinned to, until the annotation goes. */
  pin: "mooring.dev/pin",
} as const;

/** The annotation that a webhook sets on an Environment: something was pushed to its repository. */
export const pushedAnnotation = "mooring.dev/pushedAt";

/** The label that marks the Secret holding the last healthy revision of an Environment. */
export const snapshotLabel = "mooring.dev/snapshot";

/** The label on a pull request that keeps Mooring from merging it. */
export const holdLabel = "mooring.dev/hold";

/**
 * The branch that the pull request of a Promotion comes from. Promotions of one name in two namespaces may be for one
 * repository; no name of Kubernetes holds what stands between the two.
 */
export function promotionHead({ namespace, name }: { readonly namespace: string; readonly name: string }): string {
  return `mooring/promote-${namespace}_${name}`;
}
