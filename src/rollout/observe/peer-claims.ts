import type { Inventory } from "../../model/inventory.ts";
import { formatId } from "../../model/object-id.ts";
import { type Owner, ownerOf, type PeerClaims, sameOwner } from "../../plan/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import type { Observation } from "./observe.ts";

/**
 * What other Environments claim or release of the objects that change hands: those about to be deleted, and those that
 * carry another Environment's labels. Without such objects, which is nearly always, no peer is asked.
 */
export async function peerClaims(
  target: Pick<ApplyTarget, "owner" | "ownershipPeers">,
  { stages, observed }: Pick<Observation, "stages" | "observed">,
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
    claimed: leaving.length === 0 ? new Map() : await target.ownershipPeers.claimedBy(leaving, signal),
    unclaimed: foreign.length === 0 ? new Set() : await target.ownershipPeers.unclaimed(new Map(foreign), signal),
  };
}
