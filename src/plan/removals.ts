import { whyKept } from "../api/annotations.ts";
import type { DeletionGuard } from "../api/environment/rollout-spec.ts";
import type { Failure } from "../model/failure.ts";
import type { InventoryEntry } from "../model/inventory.ts";
import type { KubeObject } from "../model/manifest.ts";
import { type ObjectId, parseId } from "../model/object-id.ts";
import type { Action, PlannedAction } from "../model/plan.ts";
import { deletionHold } from "./deletion-guard.ts";
import { compareForApply } from "./order.ts";
import { claimReason, describeOwner, ownerOf, sameOwner } from "./ownership/owner.ts";
import type { PlanInput, RollbackScope } from "./plan-input.ts";

/** What they hold cannot be made again, so they are never deleted to be recreated, nor by a rollback. */
export const keptKinds: readonly string[] = [
  "CustomResourceDefinition",
  "Namespace",
  "PersistentVolumeClaim",
  "PersistentVolume",
];

/** What becomes of everything in the inventory that is not desired, in the order of deletion. Keys of `desired` are inventory ids. */
export function planRemovals(input: PlanInput, desired: ReadonlyMap<string, unknown>): readonly PlannedAction[] {
  const removals = input.inventory.entries.flatMap((entry) => {
    const id = parseId(entry.id);
    const { live, rejection } = input.observed.get(entry.id) ?? {};
    if (id === undefined || desired.has(entry.id)) return [];
    if (live === undefined && rejection !== undefined) {
      return [{ id, version: entry.v, stage: "", action: unseen(rejection) }];
    }
    if (live === undefined) return [];
    return [{ id, version: entry.v, stage: "", action: removal({ id, entry, live }, input) }];
  });
  return removals.sort((a, b) => compareForApply(b.id, a.id));
}

/** What could not be read is not taken for deleted. */
function unseen({ message }: Failure): Action {
  return { type: "orphan", reason: `it could not be read: ${message}`, remembered: "owned" };
}

interface Unwanted {
  readonly id: ObjectId;
  readonly entry: InventoryEntry;
  readonly live: KubeObject;
}

/** Objects to release come first, then those to keep, and only what is neither is deleted. */
function removal({ id, entry, live }: Unwanted, input: PlanInput): Action {
  const owner = ownerOf(live);
  if (owner === undefined) return { type: "orphan", reason: "it no longer carries the environment's labels" };
  if (!sameOwner(owner, input.owner)) return { type: "orphan", reason: `it belongs to ${describeOwner(owner)} now` };
  if (!input.prune) return { type: "orphan", reason: "prune is off" };
  const kept = whyKept(live);
  if (kept !== undefined) {
    return { type: "orphan", reason: kept, ...(kept === "reconcile: disabled" ? { remembered: "owned" } : {}) };
  }
  const claimant = input.peers?.claimed.get(entry.id);
  if (claimant !== undefined) return { type: "orphan", reason: claimReason(claimant), remembered: "owned" };
  if (entry.left !== undefined) return { type: "orphan", reason: leftReason, remembered: entry.left };
  return input.rollback === undefined
    ? { type: "delete" }
    : rollbackRemoval({ id, entry }, input.rollback, input.guard);
}

const leftReason = "left by a rollback; delete it by hand, or add it to the repository again";

/** What a rollback does with an object that only the failed revision wanted. */
function rollbackRemoval(
  { id, entry }: Omit<Unwanted, "live">,
  { found, created }: RollbackScope,
  guard: DeletionGuard | undefined,
): Action {
  const { kind } = id;
  if (found.has(entry.id))
    return { type: "orphan", reason: "it existed before the failed revision", remembered: "found" };
  if (keptKinds.includes(kind) || guard?.kinds.includes(kind) === true)
    return { type: "orphan", reason: `a rollback never deletes a ${kind}`, remembered: "created" };
  if (created?.has(entry.id) === false) return { type: "orphan", reason: unknownReason, remembered: "owned" };
  return { type: "delete" };
}

const unknownReason = "the failed revision did not create it, and the snapshot to roll back to does not have it";

/**
 * The deletion guard in a rollback: nobody can approve, so what it holds is left and remembered, and the rest goes on.
 * It holds where nothing would be left at all, and for large deletions of what is not known to be made by the revision
 * that failed.
 */
export function holdRollbackDeletions(
  removals: readonly PlannedAction[],
  { rollback, guard, inventory }: PlanInput,
  desired: number,
): readonly PlannedAction[] {
  if (rollback === undefined || guard === undefined) return removals;
  const deleted = removals.filter(({ action }) => action.type === "delete").map(({ id }) => id);
  const limits = rollback.created === undefined ? guard : { ...guard, maxPercent: 100 };
  const hold = deletionHold({ deleted, owned: inventory.entries.length, desired }, limits);
  if (hold === undefined) return removals;
  const left = { type: "orphan", reason: `deletion is held: ${hold.reason}`, remembered: "created" } as const;
  return removals.map((removal) => (removal.action.type === "delete" ? { ...removal, action: left } : removal));
}
