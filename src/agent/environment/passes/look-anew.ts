import { type Environment, readEnvironment } from "../../../api/environment/environment.ts";
import { apiVersion } from "../../../api/names.ts";
import type { Cluster } from "../../../cluster/index.ts";
import type { SnapshotStore } from "../../../environment/index.ts";
import { type Inventory, inventoryIds, sameInventory, widen } from "../../../model/inventory.ts";
import { type ApplyTarget, labelledInventory } from "../../../rollout/index.ts";
import type { PassTarget } from "../../bindings.ts";
import type { StatusWriter } from "../status/status.ts";

/** What of an Environment is remembered, and how it is read again. */
export interface Memory {
  readonly cluster: Cluster;
  readonly snapshots: SnapshotStore;
  readonly target: (environment: Environment) => Promise<PassTarget>;
  /** What it was known to own before. */
  readonly remembered: Inventory;
  /** A writer that starts from a status as it was read just now. */
  readonly writer: (environment: Environment) => StatusWriter;
}

/**
 * After a cluster was restored from a backup: the status and the snapshot are read again, nothing counts as compared, and
 * the Environment owns what the status of then says, what it was known to own, and whatever carries its labels, so that
 * what was pruned since, and is back, is pruned again. Nothing where the Environment is gone. Throws `Failure` to be tried
 * again; answers with the writer of the status from then on.
 */
export async function lookAnew(
  { cluster, snapshots, target, remembered, writer }: Memory,
  { metadata }: Environment,
  signal: AbortSignal,
): Promise<StatusWriter | undefined> {
  const { namespace, name } = metadata;
  const object = await cluster.get({ apiVersion, kind: "Environment", namespace, name }, signal);
  if (object === undefined) return undefined;
  const environment = readEnvironment(object);
  snapshots.forget();
  const reached = await target(environment);
  reached.comparisons.clear();
  const status = writer(environment);
  try {
    // All Environments do this at the same time.
    await reached.slot.acquire(signal);
    await widenInventory({ metadata, target: reached, status, remembered }, signal);
  } finally {
    reached.slot.release();
  }
  return status;
}

async function widenInventory(
  of: Pick<Environment, "metadata"> &
    Pick<Memory, "remembered"> & { readonly target: ApplyTarget; readonly status: StatusWriter },
  signal: AbortSignal,
): Promise<void> {
  const { metadata, target, status, remembered } = of;
  const own = status.current.inventory ?? { entries: [] };
  const namespaces = inventoryIds(widen(remembered, own)).map((id) => id.namespace);
  const known = new Set([metadata.namespace, ...namespaces].filter((each) => each !== ""));
  const carried = await labelledInventory(target, [...known], signal);
  const inventory = widen(carried, widen(remembered, own));
  if (!sameInventory(own, inventory))
    await status.write({ fields: { inventory: { entries: [...inventory.entries] } } }, signal);
}
