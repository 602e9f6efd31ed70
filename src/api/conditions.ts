import { shorten } from "../model/text/shorten.ts";

/** The conditions of an Environment. `Ready`, `Reconciling` and `Stalled` mean what kstatus says they mean. */
export type ConditionType = "Ready" | "Reconciling" | "Stalled" | "Healthy" | "Drifted" | "Held" | "SourceReady";

/** Every reason a condition of an Environment can carry. */
export type ConditionReason =
  | "Succeeded"
  | "Progressing"
  | "RolledBack"
  | "RollbackFailed"
  | "HealthFailed"
  | "HealthTimeout"
  | "SourceFailed"
  | "ForgeFailed"
  | "RenderFailed"
  | "UnsealFailed"
  | "ValidationFailed"
  | "ApplyFailed"
  | "Conflict"
  | "Suspended"
  | "AccessDenied"
  | "ClusterUnreachable"
  | "DependencyNotReady"
  | "DeletionHeld"
  | "OutsideSchedule"
  | "Drifted"
  | "NoDrift"
  | "NotHeld"
  | "Pinned"
  | "SpecInvalid"
  | "InternalError";

/** A condition as it stands in the status, in Kubernetes' own shape; an Environment's, unless other words are given. */
export interface Condition<Type extends string = ConditionType, Reason extends string = ConditionReason> {
  readonly type: Type;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: Reason;
  readonly message: string;
  /** RFC 3339, seconds. */
  readonly lastTransitionTime: string;
  readonly observedGeneration: number;
}

/** What a condition is to become; the time of its transition is found when it is set. */
export type NewCondition<Type extends string = ConditionType, Reason extends string = ConditionReason> = Pick<
  Condition<Type, Reason>,
  "type" | "status" | "reason" | "message"
>;

/** The condition of a type that a status has. */
export function conditionOf<Found extends Condition<string, string>>(
  { conditions }: { readonly conditions?: readonly Found[] },
  type: Found["type"],
): Found | undefined {
  return conditions?.find((each) => each.type === type);
}

const messageLimit = 2000;

/**
 * The conditions with some of them set. The transition time changes only when the status does.
 * `now` is RFC 3339; messages are cut at 2,000 characters, below the API's own limit.
 */
export function setConditions<Type extends string, Reason extends string>(
  conditions: readonly Condition<Type, Reason>[],
  changes: readonly NewCondition<Type, Reason>[],
  at: { readonly now: string; readonly generation: number },
): readonly Condition<Type, Reason>[] {
  const result = new Map(conditions.map((condition) => [condition.type, condition]));
  for (const change of changes) {
    const before = result.get(change.type);
    const lastTransitionTime = before?.status === change.status ? before.lastTransitionTime : at.now;
    const message = shortMessage(change.message);
    result.set(change.type, { ...change, message, lastTransitionTime, observedGeneration: at.generation });
  }
  return [...result.values()];
}

/** A message as the status holds it: cut at 2,000 characters. */
export function shortMessage(message: string): string {
  return shorten(message, messageLimit);
}
