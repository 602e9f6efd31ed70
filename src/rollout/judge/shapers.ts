import type { Failure, FailureCode } from "../../model/failure.ts";
import { stringAt } from "../../model/json/json.ts";
import type { Manifest } from "../../model/manifest.ts";
import { formatId, type ObjectId } from "../../model/object-id.ts";
import { defines, isUnconverted } from "./conversion.ts";

/** What the API server judges other objects by, and which ones: changing it may change the verdict about them. */
interface Shaper {
  readonly concerns: (shaper: Manifest, other: Manifest) => boolean;
  /** Refusals that may be withdrawn after the change. */
  readonly codes: readonly FailureCode[];
  /** What it concerns is judged again even where it was accepted before: the rules may be stricter now. */
  readonly judgesAll: boolean;
  /** Other failures that it may mend. */
  readonly mends?: (failure: Failure) => boolean;
  /** Objects that refer to it are refused with NotFound until it exists. */
  readonly isNamedBy?: (shaper: Manifest, other: Manifest) => boolean;
}

const inNamespace = (shaper: Manifest, other: Manifest) => other.id.namespace === shaper.id.namespace;
const inReach = (shaper: Manifest, other: Manifest) => shaper.id.namespace === "" || inNamespace(shaper, other);
const everything = () => true;
const admission = { concerns: everything, codes: ["AdmissionDenied", "ClusterBusy"], judgesAll: false } as const;
const policy = { ...admission, concerns: inReach } as const;
const access = { concerns: everything, codes: ["Forbidden", "AdmissionDenied"], judgesAll: false } as const;
const role = {
  ...access,
  isNamedBy: ({ id }: Manifest, { object, id: other }: Manifest) =>
    other.group === id.group &&
    stringAt(object, "roleRef", "kind") === id.kind &&
    stringAt(object, "roleRef", "name") === id.name &&
    (id.namespace === "" || other.namespace === id.namespace),
} as const;
/** An admission policy may judge by what a ConfigMap or a custom resource says: its `paramKind`. */
const parameters = {
  concerns: everything,
  codes: [],
  judgesAll: false,
  mends: ({ code, problems }: Failure) =>
    code === "AdmissionDenied" &&
    problems.some(({ message }) => /(?:Validating|Mutating)AdmissionPolicy '/.test(message)),
} as const;
const classes = { concerns: everything, codes: ["AdmissionDenied", "ObjectInvalid"], judgesAll: false } as const;
const limits = { concerns: inNamespace, codes: ["AdmissionDenied", "QuotaExceeded"], judgesAll: false } as const;

const shapers: Readonly<Record<string, Shaper>> = {
  "apiextensions.k8s.io/CustomResourceDefinition": {
    concerns: (shaper, other) => defines(shaper, other.id),
    codes: ["ObjectInvalid", "FieldImmutable"],
    judgesAll: true,
    mends: isUnconverted,
  },
  "/Namespace": {
    concerns: (shaper, other) => other.id.namespace === shaper.id.name,
    codes: ["AdmissionDenied"],
    judgesAll: true,
  },
  "/ResourceQuota": limits,
  "/LimitRange": limits,
  "/ServiceAccount": limits,
  "scheduling.k8s.io/PriorityClass": classes,
  "node.k8s.io/RuntimeClass": classes,
  "storage.k8s.io/StorageClass": classes,
  "networking.k8s.io/IngressClass": classes,
  "rbac.authorization.k8s.io/Role": role,
  "rbac.authorization.k8s.io/RoleBinding": access,
  "rbac.authorization.k8s.io/ClusterRole": role,
  "rbac.authorization.k8s.io/ClusterRoleBinding": access,
  "kyverno.io/ClusterPolicy": policy,
  "kyverno.io/Policy": policy,
  "kyverno.io/PolicyException": admission,
};

/**
 * Groups of which every kind takes part in admission: Kubernetes' own, and those of policy engines, whose policies are
 * custom resources. Policies of networks, meshes and gateways judge no object.
 */
const admissionGroups: ReadonlySet<string> = new Set([
  "admissionregistration.k8s.io",
  ...["constraints", "templates", "config", "mutations", "expansion", "externaldata"].map(
    (part) => `${part}.gatekeeper.sh`,
  ),
  "policies.kyverno.io",
  "policies.kubewarden.io",
  "policy.sigstore.dev",
]);

function shaperOf({ group, kind }: ObjectId): Shaper | undefined {
  return shapers[`${group}/${kind}`] ?? (admissionGroups.has(group) ? admission : undefined);
}

/** Kubernetes' own groups have no dot, or end so; every other one is of custom resources or of another API server. */
function mayBeParameter({ group, kind }: Pick<ObjectId, "group" | "kind">): boolean {
  return group === "" ? kind === "ConfigMap" : group.includes(".") && !group.endsWith(".k8s.io");
}

/** Whether other objects are judged by this one. */
export function isShaper(id: ObjectId): boolean {
  return shaperOf(id) !== undefined;
}

/** Whether changing an object may change verdicts about others: they are judged by it, or by its values as parameters. */
export function mayShape(id: ObjectId): boolean {
  return isShaper(id) || mayBeParameter(id);
}

/** Whether changing an object may have others refused that were accepted before. */
export function isStrict(id: ObjectId): boolean {
  return shaperOf(id)?.judgesAll === true;
}

/** Whether a rejected object may be accepted once another one has been written. */
export function mayMend(shaper: Manifest, rejected: Manifest, failure: Failure): boolean {
  const found = concerned(shaper, rejected);
  if (found === undefined) return false;
  const { code } = failure;
  if (found.codes.includes(code) || found.mends?.(failure) === true) return true;
  return code === "NotFound" && found.isNamedBy?.(shaper, rejected) === true;
}

/** Whether an accepted object may be refused once another one has been written. */
export function mayRefuse(shaper: Manifest, accepted: Manifest): boolean {
  return concerned(shaper, accepted)?.judgesAll === true;
}

function concerned(shaper: Manifest, other: Manifest): Shaper | undefined {
  const found = shaperOf(shaper.id) ?? (mayBeParameter(shaper.id) ? parameters : undefined);
  if (found === undefined || formatId(shaper.id) === formatId(other.id)) return undefined;
  return found.concerns(shaper, other) ? found : undefined;
}
