import type { ConditionReason, NewCondition } from "../../../api/conditions.ts";

/** Whether work is under way. */
export function progress(active: boolean, reason: ConditionReason, message: string): NewCondition {
  return { type: "Reconciling", status: active ? "True" : "False", reason, message };
}

/** All is well, and nothing more is to be done. */
export function ready(message: string): readonly NewCondition[] {
  return [
    { type: "Ready", status: "True", reason: "Succeeded", message },
    progress(false, "Succeeded", ""),
    { type: "Stalled", status: "False", reason: "Succeeded", message: "" },
  ];
}

/** Something is wrong, and is tried again or waits for a person. */
export function notReady(reason: ConditionReason, message: string): readonly NewCondition[] {
  return [
    { type: "Ready", status: "False", reason, message },
    progress(false, reason, ""),
    { type: "Stalled", status: "False", reason, message: "" },
  ];
}

/** Ready is false, and nothing more is tried until a new commit or an edited spec. */
export function stalled(reason: ConditionReason, message: string): readonly NewCondition[] {
  return [
    { type: "Ready", status: "False", reason, message },
    progress(false, reason, ""),
    {
      type: "Stalled",
      status: "True",
      reason,
      message: "waiting for a new commit, a changed spec, or mooring reconcile",
    },
  ];
}

/** What is said of a revision, in short, that is being rolled out. */
export function rollingOut(revision: string): string {
  return `rolling out revision ${revision}`;
}

/** Work is under way, and nothing more is known. */
export function progressing(message: string): NewCondition {
  return progress(true, "Progressing", message);
}

/** An attempt is under way. */
export function underWay(message: string): readonly NewCondition[] {
  return [
    { type: "Ready", status: "Unknown", reason: "Progressing", message },
    progress(true, "Progressing", message),
    { type: "Stalled", status: "False", reason: "Progressing", message: "" },
    // What was found before says nothing of what is being made.
    { type: "Healthy", status: "Unknown", reason: "Progressing", message },
  ];
}

/** A rollout was interrupted by `suspend`, and nothing goes on before it is resumed. */
export function suspended(revision: string): readonly NewCondition[] {
  const message = `suspended while revision ${revision} was being rolled out; mooring resume continues it`;
  return [
    { type: "Ready", status: "Unknown", reason: "Suspended", message },
    progress(false, "Suspended", message),
    { type: "Stalled", status: "False", reason: "Suspended", message: "" },
  ];
}

/** Every object is healthy. */
export function healthy(message: string): NewCondition {
  return { type: "Healthy", status: "True", reason: "Succeeded", message };
}

/** Nothing waits for an approval, nor for the schedule. */
export const notHeld: NewCondition = { type: "Held", status: "False", reason: "NotHeld", message: "" };
