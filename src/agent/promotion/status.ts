import { type NewCondition, setConditions } from "../../api/conditions.ts";
import { apiVersion } from "../../api/names.ts";
import type { Promotion } from "../../api/promotion/promotion.ts";
import type { PromotionConditionType, PromotionReason, PromotionStatus } from "../../api/promotion/promotion-status.ts";
import type { Cluster } from "../../cluster/index.ts";
import { rememberStatus } from "../kernel/status-memory.ts";

/** What a condition of a Promotion is to become. */
export type NewPromotionCondition = NewCondition<PromotionConditionType, PromotionReason>;

/** What is to change in a status; what is given as null is taken away. */
export interface PromotionStatusChange {
  readonly conditions?: readonly NewPromotionCondition[];
  readonly fields?: { readonly [K in keyof Omit<PromotionStatus, "conditions">]?: PromotionStatus[K] | null };
}

/** The one writer of a Promotion's status. */
export interface PromotionStatusWriter {
  readonly current: PromotionStatus;
  /** Writes what really changes, and what a write before may not have written, in one request; nothing where nothing does. */
  write(change: PromotionStatusChange, generation: number, signal: AbortSignal): Promise<void>;
}

/** A writer that starts from the status as it was read, and goes by its own memory from then on. */
export function createPromotionStatus(cluster: Cluster, promotion: Promotion): PromotionStatusWriter {
  const { name, namespace } = promotion.metadata;
  const memory = rememberStatus(cluster, { apiVersion, kind: "Promotion", namespace, name }, promotion.status);
  return {
    get current() {
      return memory.current;
    },
    async write(change, generation, signal) {
      const at = { now: new Date().toISOString().replace(/\.\d+Z$/, "Z"), generation };
      const conditions = setConditions(memory.current.conditions ?? [], change.conditions ?? [], at);
      await memory.become({ ...memory.current, ...change.fields, conditions }, signal);
    },
  };
}
