import { gvkOrder } from "../resource/gvk-order.ts";
import { type FieldSpec, fieldSpec } from "./field-spec.ts";
import { nameReferences } from "./name-references.ts";
import { emptyConfig, fieldSpecLists, type TransformerConfig } from "./transformer-config.ts";
import { inPods, type PodHolder } from "./workloads.ts";

const apps = "apps";
const matchLabels = "labelSelector/matchLabels";

/** Fields that hold labels of pods and of what selects them, besides `metadata/labels`. */
const selectors: readonly FieldSpec[] = [
  fieldSpec("spec/selector", { version: "v1", kind: "Service" }, true),
  fieldSpec("spec/selector", { version: "v1", kind: "ReplicationController" }, true),
  fieldSpec("spec/selector/matchLabels", { kind: "Deployment" }, true),
  fieldSpec("spec/selector/matchLabels", { kind: "ReplicaSet" }, true),
  fieldSpec("spec/selector/matchLabels", { kind: "DaemonSet" }, true),
  fieldSpec("spec/selector/matchLabels", { group: apps, kind: "StatefulSet" }, true),
  ...["Deployment", "StatefulSet"].flatMap((kind) =>
    [
      `affinity/podAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/${matchLabels}`,
      `affinity/podAffinity/requiredDuringSchedulingIgnoredDuringExecution/${matchLabels}`,
      `affinity/podAntiAffinity/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm/${matchLabels}`,
      `affinity/podAntiAffinity/requiredDuringSchedulingIgnoredDuringExecution/${matchLabels}`,
      `topologySpreadConstraints/${matchLabels}`,
    ].map((path) => fieldSpec(`spec/template/spec/${path}`, { group: apps, kind })),
  ),
  fieldSpec("spec/selector/matchLabels", { group: "batch", kind: "Job" }),
  fieldSpec("spec/jobTemplate/spec/selector/matchLabels", { group: "batch", kind: "CronJob" }),
  fieldSpec("spec/selector/matchLabels", { group: "policy", kind: "PodDisruptionBudget" }),
  fieldSpec("spec/podSelector/matchLabels", { group: "networking.k8s.io", kind: "NetworkPolicy" }),
  fieldSpec("spec/ingress/from/podSelector/matchLabels", { group: "networking.k8s.io", kind: "NetworkPolicy" }),
  fieldSpec("spec/egress/to/podSelector/matchLabels", { group: "networking.k8s.io", kind: "NetworkPolicy" }),
];

/** Where an object and the pods it makes have their labels or annotations. */
const metadata = (field: "labels" | "annotations", statefulSets: { readonly group?: string }): readonly FieldSpec[] => [
  fieldSpec(`metadata/${field}`, {}, true),
  fieldSpec(`spec/template/metadata/${field}`, { version: "v1", kind: "ReplicationController" }, true),
  fieldSpec(`spec/template/metadata/${field}`, { kind: "Deployment" }, true),
  fieldSpec(`spec/template/metadata/${field}`, { kind: "ReplicaSet" }, true),
  fieldSpec(`spec/template/metadata/${field}`, { kind: "DaemonSet" }, true),
  fieldSpec(`spec/template/metadata/${field}`, { ...statefulSets, kind: "StatefulSet" }, true),
  fieldSpec(`spec/template/metadata/${field}`, { group: "batch", kind: "Job" }, true),
  fieldSpec(`spec/jobTemplate/metadata/${field}`, { group: "batch", kind: "CronJob" }, true),
  fieldSpec(`spec/jobTemplate/spec/template/metadata/${field}`, { group: "batch", kind: "CronJob" }, true),
];

const labels = metadata("labels", { group: apps });
const claimLabels = [
  fieldSpec("spec/volumeClaimTemplates[]/metadata/labels", { group: apps, kind: "StatefulSet" }, true),
];

const varHolders: readonly PodHolder[] = [
  "CronJob",
  "DaemonSet",
  "Deployment",
  "Job",
  "Pod",
  "ReplicaSet",
  "StatefulSet",
];

/** Where `$(VAR)` is replaced. */
const varReferences: readonly FieldSpec[] = [
  ...inPods(
    varHolders,
    ["containers", "initContainers"].flatMap((list) =>
      ["args", "command", "env/value", "volumeMounts/mountPath"].map((field) => `${list}/${field}`),
    ),
  ),
  ...inPods(["DaemonSet", "Deployment", "Job", "Pod", "ReplicaSet"], ["volumes/nfs/server"]),
  fieldSpec("spec/jobTemplate/spec/template/volumes/nfs/server", { kind: "CronJob" }),
  fieldSpec("spec/volumeClaimTemplates/spec/nfs/server", { kind: "StatefulSet" }),
  fieldSpec("spec/template/metadata/annotations", { kind: "Deployment" }),
  fieldSpec("spec/rules/host", { kind: "Ingress" }),
  fieldSpec("spec/tls/hosts", { kind: "Ingress" }),
  fieldSpec("spec/tls/secretName", { kind: "Ingress" }),
  fieldSpec("spec/ports/port", { kind: "Service" }),
  fieldSpec("spec/ports/targetPort", { kind: "Service" }),
  fieldSpec("spec/nfs/server", { kind: "PersistentVolume" }),
  fieldSpec("metadata/labels"),
  fieldSpec("metadata/annotations"),
];

const images = [
  "spec/containers[]/image",
  "spec/initContainers[]/image",
  "spec/volumes[]/image/reference",
  "spec/template/spec/containers[]/image",
  "spec/template/spec/initContainers[]/image",
  "spec/template/spec/volumes[]/image/reference",
  "spec/jobTemplate/spec/template/spec/volumes[]/image/reference",
];

/**
 * The fields that kustomize's transformations work on unless a kustomization says otherwise, sorted by kind.
 * Source: sigs.k8s.io/kustomize/api/internal/konfig/builtinpluginconsts.
 */
export const defaultConfig: TransformerConfig = sorted({
  ...emptyConfig,
  namePrefix: [fieldSpec("metadata/name")],
  nameSuffix: [fieldSpec("metadata/name")],
  namespace: [
    fieldSpec("metadata/name", { kind: "Namespace" }, true),
    fieldSpec("spec/service/namespace", { group: "apiregistration.k8s.io", kind: "APIService" }, true),
    fieldSpec("spec/conversion/webhook/clientConfig/service/namespace", {
      group: "apiextensions.k8s.io",
      kind: "CustomResourceDefinition",
    }),
  ],
  commonLabels: [...selectors, ...labels, ...claimLabels],
  templateLabels: labels,
  volumeClaimTemplateLabels: claimLabels,
  commonAnnotations: metadata("annotations", {}),
  varReference: varReferences,
  images: images.map((path) => fieldSpec(path, {}, true)),
  replicas: ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"].map((kind) =>
    fieldSpec("spec/replicas", { kind }, true),
  ),
  nameReference: nameReferences,
});

function sorted(config: TransformerConfig): TransformerConfig {
  const lists = fieldSpecLists.map((name) => [name, config[name].toSorted(gvkOrder)] as const);
  return { ...config, ...Object.fromEntries(lists), nameReference: config.nameReference.toSorted(gvkOrder) };
}
