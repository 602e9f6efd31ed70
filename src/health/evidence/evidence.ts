import { type JsonObject, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { ObjectId } from "../../model/object-id.ts";

/** Everything known about one object at one moment. */
export interface Evidence {
  /** The object, whole, as the API server gave it. */
  readonly object: KubeObject;
  /** The pods of the namespace, or those that may be its own, whole; those of other owners are filtered out here. */
  readonly pods: readonly KubeObject[];
  /** Events about the object, its pods and its ReplicaSets, of `v1` or `events.k8s.io/v1`, in any order. */
  readonly events: readonly KubeObject[];
  /**
   * For a Deployment: its ReplicaSets, whole; those of other owners are filtered out here. Without them it is unknown which pods are
   * of the newest revision, and no pod makes the Deployment fail before the deadline.
   */
  readonly related?: readonly KubeObject[];
  /**
   * When the attempt at this revision began, by the API server's clock, and the same after a restart of the agent.
   * What is older (a pod, a condition, an event) is reported as a cause but never makes the object fail before the
   * deadline, since this revision may be what fixes it. Without it everything counts.
   */
  readonly since?: Date;
}

/** One object under examination: what the rules are handed. */
export interface Subject {
  readonly id: ObjectId;
  readonly object: KubeObject;
  readonly evidence: Evidence;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** A time the API server wrote, in milliseconds since the epoch; undefined where there is none. */
export function timeAt(value: unknown, ...path: readonly string[]): number | undefined {
  const time = Date.parse(stringAt(value, ...path) ?? "");
  return Number.isNaN(time) ? undefined : time;
}

/**
 * Tells whether something dates from this attempt. The API server's times are whole seconds, so the second in which
 * the attempt began belongs to it.
 */
export function isRecent(evidence: Evidence, time: number | undefined): boolean {
  if (evidence.since === undefined || time === undefined) return true;
  return time >= Math.floor(evidence.since.getTime() / 1000) * 1000;
}

/** Tells whether an object is controlled by the owner: by its UID, as Kubernetes does. */
export function isControlledBy(object: KubeObject, owner: KubeObject): boolean {
  const references = object.metadata.ownerReferences;
  if (!Array.isArray(references) || owner.metadata.uid === undefined) return false;
  return references.some((reference: JsonObject) => stringAt(reference, "uid") === owner.metadata.uid);
}
