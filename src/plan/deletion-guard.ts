import type { DeletionGuard } from "../api/environment/rollout-spec.ts";
import type { ObjectId } from "../model/object-id.ts";
import type { Hold } from "../model/plan.ts";

/** What the deletion guard decides by. */
export interface Deletions {
  readonly deleted: readonly ObjectId[];
  /** How many objects the environment owns now. */
  readonly owned: number;
  /** How many it will own afterwards; undefined where the Environment itself goes, and nothing being left is what is wanted. */
  readonly desired: number | undefined;
}

/** Why these deletions need an approval, or undefined when they may run. */
export function deletionHold({ deleted, owned, desired }: Deletions, guard: DeletionGuard): Hold | undefined {
  if (deleted.length === 0) return undefined;
  if (desired === 0)
    return { reason: `nothing would be left: all ${deleted.length} objects would be deleted`, objects: deleted };
  const precious = deleted.filter((id) => guard.kinds.includes(id.kind));
  if (precious.length > 0) {
    const kinds = [...new Set(precious.map((id) => id.kind))].join(", ");
    return { reason: `${precious.length} of kind ${kinds} would be deleted`, objects: precious };
  }
  const percent = (100 * deleted.length) / Math.max(owned, 1);
  if (deleted.length > guard.maxObjects && percent > guard.maxPercent) {
    return {
      reason: `${deleted.length} of ${owned} objects would be deleted (${Math.round(percent)} %), more than ${guard.maxObjects} and ${guard.maxPercent} %`,
      objects: deleted,
    };
  }
  return undefined;
}
