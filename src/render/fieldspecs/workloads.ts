import type { GvkPattern } from "../resource/res-id.ts";
import { type FieldSpec, fieldSpec } from "./field-spec.ts";

/** Where the specification of pods stands in each kind of object that makes pods. */
export type PodHolder = "Pod" | "PodTemplate" | "CronJob" | TemplateHolder;

type TemplateHolder = "Deployment" | "ReplicaSet" | "DaemonSet" | "StatefulSet" | "Job" | "ReplicationController";

/** Paths below the pod specification of several kinds, as field specs. */
export function inPods(holders: readonly PodHolder[], paths: readonly string[]): FieldSpec[] {
  return holders.flatMap((kind) => paths.map((path) => fieldSpec(`${podSpecPath(kind)}/${path}`, podKind(kind))));
}

function podSpecPath(kind: PodHolder): string {
  if (kind === "Pod") return "spec";
  if (kind === "PodTemplate") return "template/spec";
  return kind === "CronJob" ? "spec/jobTemplate/spec/template/spec" : "spec/template/spec";
}

function podKind(kind: PodHolder): GvkPattern {
  return { kind };
}
