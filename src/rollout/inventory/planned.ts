import { type Inventory, type InventoryEntry, inventoryEntry } from "../../model/inventory.ts";
import type { Manifest } from "../../model/manifest.ts";
import { formatId, versionOf } from "../../model/object-id.ts";
import type { Plan } from "../../model/plan.ts";
import type { Observation } from "../observe/observe.ts";
import type { Kept } from "../outcome.ts";

/** A plan and what it was made from. */
interface Planned {
  readonly observation: Pick<Observation, "stages">;
  readonly plan: Pick<Plan, "actions">;
}

/** The entry that a desired object has in an inventory. */
export function entryOf({ id, object }: Pick<Manifest, "id" | "object">): InventoryEntry {
  return inventoryEntry(id, versionOf(object.apiVersion));
}

/** What the Environment will own at the plan's content once it has run: everything desired that is not skipped. */
export function plannedInventory({ observation, plan }: Planned): Inventory {
  const skipped = new Set(plan.actions.filter(({ action }) => action.type === "skip").map(({ id }) => formatId(id)));
  const entries: InventoryEntry[] = observation.stages
    .flatMap((stage) => stage.manifests)
    .filter(({ id }) => !skipped.has(formatId(id)))
    .map(entryOf);
  return { entries: entries.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

/** What a plan leaves alone and the Environment still owns. */
export function rememberedInventory({ plan }: Pick<Planned, "plan">): Inventory {
  const entries = plan.actions.flatMap(({ id, version, action }): readonly InventoryEntry[] => {
    if (action.type !== "skip" && action.type !== "orphan") return [];
    const { remembered } = action;
    if (remembered === undefined) return [];
    const entry = inventoryEntry(id, version);
    return [remembered === "owned" ? entry : { ...entry, left: remembered }];
  });
  return { entries };
}

/** What a plan does not delete although it is no longer desired, of what the Environment still owns. */
export function plannedToKeep({ plan }: Pick<Planned, "plan">): readonly Kept[] {
  return plan.actions.flatMap(({ id, action }) =>
    action.type === "orphan" && action.remembered !== undefined ? [{ id, reason: action.reason }] : [],
  );
}
