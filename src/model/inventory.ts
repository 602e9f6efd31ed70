import { formatId, type ObjectId, parseId } from "./object-id.ts";

/** One object an environment owns: its id in inventory format, and the API version last used. */
export interface InventoryEntry {
  readonly id: string;
  readonly v: string;
  /** Set where a rollback left it, and no revision since has had it: no later one deletes it. */
  readonly left?: LeftByRollback;
}

/** Whether the revision that failed had created what a rollback left, or had found it in the cluster. */
export type LeftByRollback = "created" | "found";

/** What an environment owns. Widened before the first write, narrowed after the last delete. */
export interface Inventory {
  readonly entries: readonly InventoryEntry[];
}

/** The entry of one object. */
export function inventoryEntry(id: ObjectId, version: string): InventoryEntry {
  return { id: formatId(id), v: version };
}

/** Everything in either; where both name an object, the second's entry stands. Sorted by id. */
export function widen(first: Inventory, second: Inventory): Inventory {
  const byId = new Map(first.entries.map((entry) => [entry.id, entry]));
  for (const entry of second.entries) byId.set(entry.id, entry);
  return { entries: [...byId.values()].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)) };
}

/** The ids of the entries; what is not an id is left out. */
export function inventoryIds(inventory: Inventory): readonly ObjectId[] {
  return inventory.entries.map((entry) => parseId(entry.id)).filter((id) => id !== undefined);
}

/** Tells whether both hold the same entries. */
export function sameInventory(a: Inventory, b: Inventory): boolean {
  const key = (inventory: Inventory) =>
    inventory.entries
      .map(({ id, v, left = "" }) => `${id}@${v} ${left}`)
      .sort()
      .join("\n");
  return key(a) === key(b);
}
