import type { Failure } from "../model/failure.ts";
import type { Inventory } from "../model/inventory.ts";
import type { ObjectId } from "../model/object-id.ts";
import type { Plan, PlannedAction } from "../model/plan.ts";

/** Whether what an Environment owns is healthy now, outside of a rollout. */
export interface Health {
  readonly healthy: boolean;
  /** One sentence; names the object and its cause where it is not. */
  readonly message: string;
}

/** An object that is no longer in the repository, still owned and not deleted, and the reason in words. */
export interface Kept {
  readonly id: ObjectId;
  readonly reason: string;
}

/**
 * How a pass over an Environment ended, where it did not end in an error (which is thrown). `pruneFailure` says why some
 * deletions did not succeed; those objects are still owned.
 */
export type Outcome =
  /** A new revision (or spec) was rolled out and proven healthy. */
  | {
      readonly type: "rolledOut";
      readonly revision: string;
      readonly plan: Plan;
      readonly inventory: Inventory;
      readonly kept: readonly Kept[];
      readonly pruneFailure: Failure | undefined;
    }
  /** The revision's content is the last healthy one; drift was corrected, or only reported. */
  | {
      readonly type: "maintained";
      readonly revision: string;
      /** There is a newer revision that failed or cannot be rolled out; the status keeps saying why. */
      readonly behind: boolean;
      readonly corrected: readonly PlannedAction[];
      readonly drifted: readonly PlannedAction[];
      readonly inventory: Inventory;
      readonly kept: readonly Kept[];
      readonly pruneFailure: Failure | undefined;
      readonly health: Health;
    }
  /** The deletion guard held the plan; nothing was written. */
  | { readonly type: "held"; readonly revision: string; readonly plan: Plan }
  /** The Environment is being deleted, and the deletion guard held what would go with it. */
  | { readonly type: "deletionHeld"; readonly plan: Plan }
  /** The revision failed after something had been written; the last healthy one is back and proven healthy. */
  | {
      readonly type: "rolledBack";
      readonly failed: string;
      readonly to: string;
      readonly cause: Failure;
      readonly inventory: Inventory;
      readonly plan: Plan;
      /** Why some objects that only the failed revision had could not be deleted: the rollback has not ended then. */
      readonly pruneFailure: Failure | undefined;
    }
  /** The revision failed, and the last healthy one did not become healthy again either. Nothing more is tried. */
  | {
      readonly type: "rollbackFailed";
      readonly failed: string;
      readonly to: string;
      readonly cause: Failure;
      readonly rollbackCause: Failure;
    }
  /** The revision failed, and no revision was healthy before it, or rollback is off. */
  | { readonly type: "failed"; readonly failed: string; readonly cause: Failure }
  /** The latest revision failed before, and that was reported: nothing more is tried. */
  | { readonly type: "stopped" };
