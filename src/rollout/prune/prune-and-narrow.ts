import { createPace } from "../../clock/index.ts";
import type { Failure } from "../../model/failure.ts";
import { type Inventory, widen } from "../../model/inventory.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { plannedInventory, plannedToKeep, rememberedInventory } from "../inventory/planned.ts";
import type { Kept } from "../outcome.ts";
import type { Prepared } from "../prepare.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { prune } from "./prune.ts";

/** What an Environment owns after pruning. */
export interface Narrowed {
  readonly inventory: Inventory;
  /** What of that is no longer desired. */
  readonly kept: readonly Kept[];
  /** Why some of the deletions did not succeed; those objects are still in the inventory. */
  readonly pruneFailure: Failure | undefined;
}

/**
 * Deletes what is no longer desired, and answers with what the Environment owns now. Objects that are neither gone nor
 * released stay in the inventory, or nobody would find them again.
 */
export async function pruneAndNarrow(
  target: ApplyTarget,
  prepared: Prepared,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<Narrowed> {
  const { survivors, kept: late, failure } = await prune(target, prepared.plan.actions, liveObjects(prepared), signal);
  await createPace()();
  const surviving = inventory.entries.filter(({ id }) => survivors.has(id));
  const remembered = widen({ entries: surviving }, rememberedInventory(prepared));
  const kept = [...plannedToKeep(prepared), ...late];
  return { inventory: widen(remembered, plannedInventory(prepared)), kept, pruneFailure: failure };
}

function liveObjects({ observation }: Pick<Prepared, "observation">): ReadonlyMap<string, KubeObject> {
  return new Map(
    [...observation.observed].flatMap(([key, { live }]) => (live === undefined ? [] : [[key, live] as const])),
  );
}
