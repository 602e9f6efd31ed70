import type { Inventory, InventoryEntry } from "../../model/inventory.ts";
import { formatId } from "../../model/object-id.ts";
import { type Owner, ownerOf, type PeerClaims, sameOwner } from "../../plan/index.ts";
import type { Observation } from "../observe/observe.ts";
import type { ApplyTarget } from "./apply-target.ts";

/** What the other Environments that roll out to the same cluster say of objects, which are named by inventory id. */
export interface OwnershipPeers {
  /**
   * Which of these objects another Environment wants at its newest revision and may write there, and which one that is. One
   * that only names an object keeps it from nobody.
   */
  claimedBy(entries: readonly InventoryEntry[], signal: AbortSignal): Promise<ReadonlyMap<string, Owner>>;
  /** Which of these objects the Environment whose labels they carry does not want any more, or was deleted itself. */
  unclaimed(objects: ReadonlyMap<string, Owner>, signal: AbortSignal): Promise<ReadonlySet<string>>;
}

/** For who cannot ask: nobody wants anything, and nothing is let go. */
export const noOwnershipPeers: OwnershipPeers = {
  claimedBy: async () => new Map(),
  unclaimed: async () => new Set(),
};

/**
 * Asks the others where an object moves: before it would be deleted, and where it carries the labels of another one.
 * Without such objects, which is nearly always, nobody is asked.
 */
export async function askOwnershipPeers(
  target: ApplyTarget,
  { stages, observed }: Observation,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<PeerClaims> {
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
    wanted: leaving.length === 0 ? new Map() : await target.ownershipPeers.claimedBy(leaving, signal),
    released: foreign.length === 0 ? new Set() : await target.ownershipPeers.unclaimed(new Map(foreign), signal),
  };
}
