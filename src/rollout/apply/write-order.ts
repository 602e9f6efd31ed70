import type { ObjectId } from "../../model/object-id.ts";
import type { Action } from "../../model/plan.ts";
import { type Wave, waveOf } from "../../plan/index.ts";

/** Whether an action writes a desired object. */
export function isWrite({ type }: Pick<Action, "type">): boolean {
  return type === "create" || type === "update" || type === "recreate";
}

/**
 * The wave in which an object is written. An admission policy that exists and changes is written early, so that the objects
 * it judges are judged by its new rules; a webhook only after the program behind it.
 */
export function writtenIn(id: ObjectId, { type }: Pick<Action, "type">): Wave {
  const isPolicy = id.group === "admissionregistration.k8s.io" && /Policy(?:Binding)?$/.test(id.kind);
  return isPolicy && (type === "update" || type === "recreate") ? "access" : waveOf(id);
}
