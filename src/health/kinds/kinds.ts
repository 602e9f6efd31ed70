import type { Verdict } from "../../model/verdict.ts";
import { current } from "../causes/suspected-cause.ts";
import type { Subject } from "../evidence/evidence.ts";
import { job } from "./job.ts";
import {
  apiService,
  customResourceDefinition,
  persistentVolume,
  persistentVolumeClaim,
  podDisruptionBudget,
  service,
} from "./other-kinds.ts";
import { pod } from "./pod.ts";
import { daemonSet, deployment, replicaSet, statefulSet } from "./workloads.ts";

/** The rule of a kind: its verdict, once what holds for every kind has decided nothing. */
export type KindRule = (subject: Subject) => Verdict;

const kindRules: ReadonlyMap<string, KindRule> = new Map<string, KindRule>([
  ["apps/Deployment", deployment],
  ["apps/StatefulSet", statefulSet],
  ["apps/DaemonSet", daemonSet],
  ["apps/ReplicaSet", replicaSet],
  ["/ReplicationController", replicaSet],
  ["/Pod", pod],
  ["batch/Job", job],
  ["/PersistentVolumeClaim", persistentVolumeClaim],
  ["/PersistentVolume", persistentVolume],
  ["/Service", service],
  ["apiextensions.k8s.io/CustomResourceDefinition", customResourceDefinition],
  ["apiregistration.k8s.io/APIService", apiService],
  ["policy/PodDisruptionBudget", podDisruptionBudget],
]);

/** Groups of Kubernetes itself: a kind of theirs without a rule is healthy as soon as it exists. */
const BUILT_IN_GROUPS: ReadonlySet<string> = new Set([
  "",
  "admissionregistration.k8s.io",
  "apps",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
]);

/** Healthy as soon as it exists. */
const exists: KindRule = () => current("exists");

/** The rule of a built-in kind; undefined for a custom resource. */
export function kindRule(group: string, kind: string): KindRule | undefined {
  return kindRules.get(`${group}/${kind}`) ?? (BUILT_IN_GROUPS.has(group) ? exists : undefined);
}

/** Tells whether a kind is healthy as soon as it exists, whatever its status says. */
export function isHealthyByExisting(group: string, kind: string): boolean {
  return kindRule(group, kind) === exists;
}
