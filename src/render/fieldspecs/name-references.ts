import type { GvkPattern } from "../resource/res-id.ts";
import { type FieldSpec, fieldSpec, type NameReference } from "./field-spec.ts";
import { inPods, type PodHolder } from "./workloads.ts";

const podHolders: readonly PodHolder[] = [
  "Pod",
  "PodTemplate",
  "Deployment",
  "ReplicaSet",
  "DaemonSet",
  "StatefulSet",
  "Job",
  "CronJob",
];

/** Kinds whose pods refer to service accounts, claims and priority classes: not quite those above. */
const controllers: readonly PodHolder[] = [
  "Pod",
  "StatefulSet",
  "Deployment",
  "ReplicationController",
  "CronJob",
  "Job",
  "DaemonSet",
];

const rbac = "rbac.authorization.k8s.io";
const admission = "admissionregistration.k8s.io";

const spec = (kind: string, path: string, group?: string): FieldSpec =>
  fieldSpec(path, group ? { kind, group } : { kind });

const reference = (target: GvkPattern, referrers: readonly FieldSpec[]): NameReference => ({ ...target, referrers });

const scalable = ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"];

/**
 * Who refers to whom by name: for each kind that may be renamed, the fields of others that hold its name.
 * Source: sigs.k8s.io/kustomize/api/internal/konfig/builtinpluginconsts/namereference.go.
 */
export const nameReferences: readonly NameReference[] = [
  ...scalable.map((kind) => reference({ kind }, [spec("HorizontalPodAutoscaler", "spec/scaleTargetRef/name")])),
  reference({ kind: "ConfigMap", version: "v1" }, [
    ...inPods(podHolders, [
      "volumes/configMap/name",
      "containers/env/valueFrom/configMapKeyRef/name",
      "initContainers/env/valueFrom/configMapKeyRef/name",
      "containers/envFrom/configMapRef/name",
      "initContainers/envFrom/configMapRef/name",
      "volumes/projected/sources/configMap/name",
    ]),
    spec("Node", "spec/configSource/configMap"),
    spec("Role", "rules/resourceNames"),
    spec("ClusterRole", "rules/resourceNames"),
    spec("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap"),
  ]),
  reference({ kind: "Secret", version: "v1" }, [
    ...inPods(podHolders, [
      "volumes/secret/secretName",
      "containers/env/valueFrom/secretKeyRef/name",
      "initContainers/env/valueFrom/secretKeyRef/name",
      "containers/envFrom/secretRef/name",
      "initContainers/envFrom/secretRef/name",
      "imagePullSecrets/name",
      "volumes/projected/sources/secret/name",
    ]),
    spec("Ingress", "spec/tls/secretName"),
    spec("Ingress", "metadata/annotations/ingress.kubernetes.io\\/auth-secret"),
    spec("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret"),
    spec("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret"),
    spec("ServiceAccount", "imagePullSecrets/name"),
    spec("StorageClass", "parameters/secretName"),
    spec("StorageClass", "parameters/adminSecretName"),
    spec("StorageClass", "parameters/userSecretName"),
    spec("StorageClass", "parameters/secretRef"),
    spec("Role", "rules/resourceNames"),
    spec("ClusterRole", "rules/resourceNames"),
    fieldSpec("spec/template/spec/containers/env/valueFrom/secretKeyRef/name", {
      group: "serving.knative.dev",
      version: "v1",
      kind: "Service",
    }),
    spec("PersistentVolume", "spec/azureFile/secretName"),
  ]),
  reference({ kind: "Service", version: "v1" }, [
    spec("StatefulSet", "spec/serviceName", "apps"),
    spec("Ingress", "spec/rules/http/paths/backend/serviceName"),
    spec("Ingress", "spec/backend/serviceName"),
    spec("Ingress", "spec/rules/http/paths/backend/service/name"),
    spec("Ingress", "spec/defaultBackend/service/name"),
    spec("APIService", "spec/service/name", "apiregistration.k8s.io"),
    spec("ValidatingWebhookConfiguration", "webhooks/clientConfig/service", admission),
    spec("MutatingWebhookConfiguration", "webhooks/clientConfig/service", admission),
  ]),
  reference({ kind: "Role", group: rbac }, [spec("RoleBinding", "roleRef/name", rbac)]),
  reference({ kind: "ClusterRole", group: rbac }, [
    spec("RoleBinding", "roleRef/name", rbac),
    spec("ClusterRoleBinding", "roleRef/name", rbac),
  ]),
  reference({ kind: "ServiceAccount", version: "v1" }, [
    spec("RoleBinding", "subjects", rbac),
    spec("ClusterRoleBinding", "subjects", rbac),
    ...inPods(controllers, ["serviceAccountName"]),
  ]),
  reference(
    { kind: "PersistentVolumeClaim", version: "v1" },
    inPods(controllers, ["volumes/persistentVolumeClaim/claimName"]),
  ),
  reference({ kind: "PersistentVolume", version: "v1" }, [
    spec("PersistentVolumeClaim", "spec/volumeName"),
    spec("ClusterRole", "rules/resourceNames"),
  ]),
  reference({ kind: "StorageClass", version: "v1", group: "storage.k8s.io" }, [
    spec("PersistentVolume", "spec/storageClassName"),
    spec("PersistentVolumeClaim", "spec/storageClassName"),
    spec("StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
  ]),
  reference(
    { kind: "PriorityClass", version: "v1", group: "scheduling.k8s.io" },
    inPods(controllers, ["priorityClassName"]),
  ),
  // The version in the group is kustomize's own mistake: no object matches, so ingress classes are never followed.
  reference({ kind: "IngressClass", version: "v1", group: "networking.k8s.io/v1" }, [
    spec("Ingress", "spec/ingressClassName"),
  ]),
  reference({ kind: "ValidatingAdmissionPolicy", group: admission }, [
    spec("ValidatingAdmissionPolicyBinding", "spec/policyName", admission),
  ]),
];
