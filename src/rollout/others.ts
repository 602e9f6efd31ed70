import type { Inventory, InventoryEntry } from "../model/inventory.ts";
import { formatId } from "../model/object-id.ts";
import { type OthersSay, type Owner, ownerOf, sameOwner } from "../plan/index.ts";
import type { Observation } from "./observe.ts";
import type { Target } from "./target.ts";

/** What the other Environments that roll out to the same cluster say of objects, which are named by inventory id. */
export interface Others {
  /**
   * Which of these objects another Environment wants at its newest revision and may write there, and which one that is. One
   * that only names an object keeps it from nobody.
   */
  wanting(entries: readonly InventoryEntry[], signal: AbortSignal): Promise<ReadonlyMap<string, Owner>>;
  /** Which of these objects the Environment whose labels they carry does not want any more, or was deleted itself. */
  released(objects: ReadonlyMap<string, Owner>, signal: AbortSignal): Promise<ReadonlySet<string>>;
}

/** For who cannot ask: nobody wants anything, and nothing is let go. */
export const noOthers: Others = {
  wanting: async () => new Map(),
  released: async () => new Set(),
};

/**
 * Asks the others where an object moves: before it would be deleted, and where it carries the labels of another one.
 * Without such objects, which is nearly always, nobody is asked.
 */
export async function askOthers(
  target: Target,
  { stages, observed }: Observation,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<OthersSay> {
  const desired = new Set(stages.flatMap(({ manifests }) => manifests.map(({ id }) => formatId(id))));
  const ownerNow = (key: string): Owner | undefined => {
    const live = observed.get(key)?.live;
    return live === undefined ? undefined : ownerOf(live);
  };
  const isOwn = (owner: Owner | undefined) => owner !== undefined && sameOwner(owner, target.owner);
  const leaving = inventory.entries.filter(({ id }) => !desired.has(id) && isOwn(ownerNow(id)));
  const foreign = [...desired].flatMap((key) => {
    const owner = ownerNow(key);
    return owner === undefined || isOwn(owner) ? [] : [[key, owner] as const];
  });
  return {
    wanted: leaving.length === 0 ? new Map() : await target.others.wanting(leaving, signal),
    released: foreign.length === 0 ? new Set() : await target.others.released(new Map(foreign), signal),
  };
}
