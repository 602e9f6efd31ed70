import { whyKept } from "../../api/annotations.ts";
import { refOf } from "../../cluster/index.ts";
import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure, toFailure } from "../../model/failure.ts";
import { inventoryEntry } from "../../model/inventory.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { describeId, formatId, type ObjectId } from "../../model/object-id.ts";
import type { PlannedAction } from "../../model/plan.ts";
import { claimReason, type Owner, ownerOf, sameOwner, waveOf, waves } from "../../plan/index.ts";
import type { Kept } from "../outcome.ts";
import type { ApplyTarget } from "../target/apply-target.ts";

/** What came of pruning: the inventory ids that were not deleted, which stay in the inventory, and why. */
export interface Pruned {
  readonly survivors: ReadonlySet<string>;
  /** Those that another Environment claims by now. */
  readonly kept: readonly Kept[];
  readonly failure: Failure | undefined;
}

/**
 * Deletes what a plan says, in reverse order of waves, and keeps what another Environment has claimed since it was planned.
 * A deletion has the uid and the version of the object that was seen as preconditions: one that somebody changed meanwhile
 * is read again, and left alone where it is no longer ours to delete. A deletion that fails does not stop the others.
 */
export async function prune(
  target: ApplyTarget,
  actions: readonly PlannedAction[],
  live: ReadonlyMap<string, KubeObject>,
  signal: AbortSignal,
): Promise<Pruned> {
  const failures: Failure[] = [];
  const planned = actions.filter(({ action }) => action.type === "delete");
  if (planned.length === 0) return { survivors: new Set(), kept: [], failure: undefined };
  const wanted = await target.ownershipPeers.claimedBy(
    planned.map(({ id, version }) => inventoryEntry(id, version)),
    signal,
  );
  const survivors = new Set(wanted.keys());
  const kept = planned.flatMap(({ id }) => keptFor(id, wanted.get(formatId(id))));
  const deletions = planned.filter(({ id }) => !wanted.has(formatId(id)));
  for (const wave of [...waves].reverse()) {
    await inParallel(
      deletions.filter(({ id }) => waveOf(id) === wave),
      16,
      async ({ id }) => {
        const seen = live.get(formatId(id));
        const failure = seen === undefined ? undefined : await deleteOne(target, id, seen, signal);
        if (failure === undefined) return;
        survivors.add(formatId(id));
        failures.push(failure);
      },
      signal,
    );
  }
  const [first] = failures;
  const problems = failures.flatMap((failure) => failure.problems);
  const failure = first === undefined ? undefined : new Failure(first.code, problems, { cause: first });
  return { survivors, kept, failure };
}

function keptFor(id: ObjectId, heir: Owner | undefined): readonly Kept[] {
  return heir === undefined ? [] : [{ id, reason: claimReason(heir) }];
}

/** Answers with the failure instead of throwing it. */
async function deleteOne(
  target: ApplyTarget,
  id: ObjectId,
  seen: KubeObject,
  signal: AbortSignal,
): Promise<Failure | undefined> {
  try {
    await deleteAsSeen(target, seen, signal);
    target.comparisons.forget(id);
    return undefined;
  } catch (thrown) {
    signal.throwIfAborted();
    const failure = toFailure(thrown);
    return new Failure(
      failure.code,
      failure.problems.map((problem) => ({ object: describeId(id), ...problem })),
      { cause: failure },
    );
  }
}

const deleteAttempts = 10;

/** Controllers write status all the time: a changed object is read again, and only new annotations or another owner keep it. */
async function deleteAsSeen(target: ApplyTarget, seen: KubeObject, signal: AbortSignal, attempt = 1): Promise<void> {
  const { uid, resourceVersion } = seen.metadata;
  if (uid === undefined || resourceVersion === undefined) return;
  try {
    await target.cluster.delete(refOf(seen), { uid, resourceVersion, propagation: "Background" }, signal);
  } catch (thrown) {
    const code = thrown instanceof Failure ? thrown.code : undefined;
    if (code === "NotFound") return;
    if (code !== "Conflict" || attempt === deleteAttempts) throw thrown;
    const now = await target.cluster.get(refOf(seen), signal);
    if (now !== undefined && mayDelete(target, seen, now)) await deleteAsSeen(target, now, signal, attempt + 1);
  }
}

function mayDelete(target: ApplyTarget, seen: KubeObject, now: KubeObject): boolean {
  const owner = ownerOf(now);
  const own = owner !== undefined && sameOwner(owner, target.owner);
  return own && now.metadata.uid === seen.metadata.uid && whyKept(now) === undefined;
}
