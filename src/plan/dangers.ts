import { ownMember } from "../model/json/json.ts";
import { describeId, type ObjectId } from "../model/object-id.ts";
import type { Plan, PlannedAction } from "../model/plan.ts";

/** What a reviewer should check. */
export interface Danger {
  readonly object: string;
  readonly message: string;
}

const losses: Readonly<Record<string, string>> = {
  Namespace: "everything in the namespace goes with it",
  PersistentVolumeClaim: "its volume may go with it",
  PersistentVolume: "what it holds may go with it",
  CustomResourceDefinition: "every object of the kind goes with it",
};

/**
 * Fields that the API server never lets change, by `group/kind`, as patterns of JSON pointers. From the validation of
 * each kind: https://github.com/kubernetes/kubernetes/tree/master/pkg/apis (the functions `Validate<Kind>Update`).
 */
const immutableFields: Readonly<Record<string, RegExp>> = {
  "apps/Deployment": /^\/spec\/selector(\/|$)/,
  "apps/ReplicaSet": /^\/spec\/selector(\/|$)/,
  "apps/DaemonSet": /^\/spec\/selector(\/|$)/,
  "apps/StatefulSet": /^\/spec\/(selector|serviceName|podManagementPolicy|volumeClaimTemplates)(\/|$)/,
  "batch/Job": /^\/spec\/(selector|template|completionMode)(\/|$)/,
  "/PersistentVolumeClaim": /^\/spec\/(accessModes|selector|storageClassName|volumeMode|volumeName)(\/|$)/,
  "/Secret": /^\/type$/,
  "storage.k8s.io/StorageClass": /^\/(provisioner|parameters|reclaimPolicy|volumeBindingMode)(\/|$)/,
  "rbac.authorization.k8s.io/RoleBinding": /^\/roleRef(\/|$)/,
  "rbac.authorization.k8s.io/ClusterRoleBinding": /^\/roleRef(\/|$)/,
  "apiextensions.k8s.io/CustomResourceDefinition": /^\/spec\/(group|scope|names\/(kind|plural))$/,
};

/**
 * What is dangerous about a plan: deletions that take more with them, and changes that the API server refuses; and what
 * it warns of.
 */
export function dangersOf(plan: Plan): readonly Danger[] {
  const warned = (plan.warnings ?? []).map(({ object = "", file, message }) => ({
    object,
    message: file === undefined ? message : `${file}: ${message}`,
  }));
  const found = plan.actions.flatMap(({ id, action }) => {
    const object = describeId(id);
    const loss = ownMember(losses, id.kind);
    if (action.type === "delete") return loss === undefined ? [] : [{ object, message: `would be deleted: ${loss}` }];
    if (action.type !== "update") return [];
    const refused = action.changes.filter(({ path }) => immutableFieldsOf(id)?.test(path) === true);
    return refused.map(({ path }) => ({ object, message: `${path} cannot be changed without recreating the object` }));
  });
  return [...found, ...warned];
}

function immutableFieldsOf(id: ObjectId): RegExp | undefined {
  return ownMember(immutableFields, `${id.group}/${id.kind}`);
}

/** An image that another takes the place of. */
export interface MovedImage {
  readonly object: string;
  readonly from: string;
  readonly to: string;
}

const imagePath = /\/(?:containers|initContainers|ephemeralContainers)\/\d+\/image$/;

/** The images that a plan moves, in its order. */
export function movedImages(actions: readonly PlannedAction[]): readonly MovedImage[] {
  return actions.flatMap(({ id, action }) => {
    const changes = action.type === "update" || action.type === "recreate" ? action.changes : [];
    return changes.flatMap(({ path, from, to }) => {
      if (!imagePath.test(path) || typeof from !== "string" || typeof to !== "string") return [];
      return [{ object: describeId(id), from, to }];
    });
  });
}
