import { type JsonObject, listAt, numberAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { timeAt } from "./evidence.ts";

/** An entry of `status.conditions`, with what is missing left empty. */
export interface Condition {
  readonly type: string;
  /** `True`, `False` or `Unknown`. */
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  /** Milliseconds since the epoch. */
  readonly changed: number | undefined;
  /** The generation the condition speaks of, where it says so. */
  readonly generation: number | undefined;
}

/** The condition of a type, or undefined where the object has none. */
export function conditionOf(object: KubeObject | JsonObject, type: string): Condition | undefined {
  const found = listAt(object, "status", "conditions").find((entry) => stringAt(entry, "type") === type);
  if (found === undefined) return undefined;
  return {
    type,
    status: stringAt(found, "status") ?? "",
    reason: stringAt(found, "reason") ?? "",
    message: stringAt(found, "message") ?? "",
    changed: timeAt(found, "lastTransitionTime"),
    generation: numberAt(found, "observedGeneration"),
  };
}

/** The condition of a type if it is `True`. */
export function trueCondition(object: KubeObject | JsonObject, type: string): Condition | undefined {
  const found = conditionOf(object, type);
  return found?.status === "True" ? found : undefined;
}

/** The condition of a type if it is `False`. */
export function falseCondition(object: KubeObject | JsonObject, type: string): Condition | undefined {
  const found = conditionOf(object, type);
  return found?.status === "False" ? found : undefined;
}

/** What a condition says: its message, else its reason, else its type. */
export function conditionText(condition: Condition): string {
  return condition.message || condition.reason || condition.type;
}
