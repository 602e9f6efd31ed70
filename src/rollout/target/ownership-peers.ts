import type { InventoryEntry } from "../../model/inventory.ts";
import type { Owner } from "../../plan/index.ts";

/** The other Environments that roll out to the same cluster. They name objects by inventory id. */
export interface OwnershipPeers {
  /**
   * Which of these objects another Environment has in its latest revision and may write there, and which Environment that
   * is. Merely naming an object in a repository claims nothing.
   */
  claimedBy(entries: readonly InventoryEntry[], signal: AbortSignal): Promise<ReadonlyMap<string, Owner>>;
  /** Which of these objects are no longer wanted by the Environment whose labels they carry, or outlived it. */
  unclaimed(objects: ReadonlyMap<string, Owner>, signal: AbortSignal): Promise<ReadonlySet<string>>;
}

/** Where there are no peers to ask: nothing is claimed, and nothing is released. */
export const noOwnershipPeers: OwnershipPeers = {
  claimedBy: async () => new Map(),
  unclaimed: async () => new Set(),
};
