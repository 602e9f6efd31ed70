import { type Environment, readEnvironment } from "../../../api/environment/environment.ts";
import { apiVersion } from "../../../api/names.ts";
import type { Cluster } from "../../../cluster/index.ts";
import type { SnapshotStore } from "../../../environment/index.ts";
import { type Inventory, inventoryIds, sameInventory, widen } from "../../../model/inventory.ts";
import { type ApplyTarget, labelledInventory } from "../../../rollout/index.ts";
import type { PassTarget } from "../bindings/bindings.ts";
import type { StatusWriter } from "../decisions/decision.ts";
import { writeProgress } from "../status/progress.ts";

/** What is known of an Environment, and how it is read again. */
export interface ResyncContext {
  readonly cluster: Cluster;
  readonly snapshots: SnapshotStore;
  readonly target: (environment: Environment) => Promise<PassTarget>;
  /** What it was known to own before. */
  readonly known: Inventory;
  /** A writer that starts from the status as it was read just now. */
  readonly statusFrom: (environment: Environment) => StatusWriter;
}

/**
 * Resyncs an Environment after its cluster was restored from a backup: the status and the snapshot are read again, nothing
 * counts as compared, and it owns what the restored status says, what it was known to own, and whatever carries its
 * labels, so that what was pruned since the backup is pruned again. Answers with the writer of its status from then on;
 * with none where the Environment is gone. Throws `Failure` to be tried again.
 */
export async function resyncAfterRestore(
  { cluster, snapshots, target, known, statusFrom }: ResyncContext,
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
  const status = statusFrom(environment);
  try {
    // All Environments do this at the same time.
    await reached.slot.acquire(signal);
    await widenInventory({ metadata, target: reached, status, known }, signal);
  } finally {
    reached.slot.release();
  }
  return status;
}

async function widenInventory(
  of: Pick<Environment, "metadata"> &
    Pick<ResyncContext, "known"> & {
      readonly target: ApplyTarget;
      readonly status: StatusWriter;
    },
  signal: AbortSignal,
): Promise<void> {
  const { metadata, target, status, known } = of;
  const own = status.current.inventory ?? { entries: [] };
  const namespaces = inventoryIds(widen(known, own)).map((id) => id.namespace);
  const searched = new Set([metadata.namespace, ...namespaces].filter((each) => each !== ""));
  const carried = await labelledInventory(target, [...searched], signal);
  const inventory = widen(carried, widen(known, own));
  if (!sameInventory(own, inventory))
    await writeProgress({ environment: { metadata }, status }, { type: "owned", inventory }, signal);
}
