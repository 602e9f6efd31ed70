import type { Problem } from "./failure.ts";
import type { LeftByRollback } from "./inventory.ts";
import type { Json } from "./json/json.ts";
import type { Origin } from "./manifest.ts";
import type { ObjectId } from "./object-id.ts";

/** One field that a plan changes, or that has drifted. Values of Secrets are replaced by a mask before they get here. */
export interface FieldChange {
  /** JSON pointer. */
  readonly path: string;
  /** What it is; undefined where it is absent. */
  readonly from: Json | undefined;
  /** What it becomes; undefined where it goes away. */
  readonly to: Json | undefined;
  /** The field manager that owns it now, where another one does. */
  readonly manager?: string;
}

/** What is to be done with one object. */
export type Action =
  | {
      readonly type: "create";
      /** Its earlier self is being deleted, and has to be gone first. */
      readonly after?: "deletion";
    }
  | {
      readonly type: "update";
      readonly changes: readonly FieldChange[];
      /** It was there before the Environment had it. */
      readonly found?: true;
      /** It moves here from this Environment, which has let it go. */
      readonly from?: { readonly name: string; readonly namespace: string };
    }
  /** Delete, then create: an immutable field changed, and `force` allows it. */
  | { readonly type: "recreate"; readonly changes: readonly FieldChange[]; readonly reason: string }
  | { readonly type: "unchanged" }
  /** Left alone on purpose, with the reason in words. */
  | { readonly type: "skip"; readonly reason: string; readonly remembered?: Remembered }
  | { readonly type: "delete" }
  /** No longer desired, but not deleted; with the reason. */
  | { readonly type: "orphan"; readonly reason: string; readonly remembered?: Remembered };

/**
 * Why an object that is left alone stays in the inventory; what is not remembered is let go of. `owned`: it is looked at
 * again by the next plan. `created`, `found`: a rollback left it, as `InventoryEntry` says.
 */
export type Remembered = "owned" | LeftByRollback;

/** One line of a plan. It names the object; the object itself travels beside the plan, so a plan holds no secret. */
export interface PlannedAction {
  readonly id: ObjectId;
  readonly version: string;
  /** The stage it belongs to; empty where the environment has a single path, and for what is deleted. */
  readonly stage: string;
  readonly action: Action;
  /** Where the desired object came from; absent for what is deleted or orphaned. */
  readonly origin?: Origin;
}

/** Why a plan must not run before someone approved it. */
export interface Hold {
  readonly reason: string;
  readonly objects: readonly ObjectId[];
}

/** What a rollout will do: serialisable, printed by `mooring plan`, run by the agent. */
export interface Plan {
  /** The order of execution: applies first, in order, then deletes, in order. */
  readonly actions: readonly PlannedAction[];
  /** SHA-256 (hex) over all that changes: the action, the id, and the rendered object's digest. */
  readonly digest: string;
  /** Warnings about objects in it, which do not block it. */
  readonly warnings?: readonly Problem[];
  /** Set where the deletion guard holds the plan. */
  readonly hold?: Hold;
}
