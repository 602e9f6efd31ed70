import { refOf } from "../../cluster/index.ts";
import { Failure, toFailure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { withoutServerFields } from "../../plan/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { waitUntilGone } from "../wait/until-gone.ts";
import type { Pending, Rechecked } from "./recheck.ts";

/** What was deleted to be made again. */
export interface Removed {
  attempts: number;
  object: KubeObject | undefined;
}

const deleteAttempts = 10;

/**
 * Deletes an object that is to be made again, and answers with what is left to do: to create it, or to recheck it where
 * somebody changed it meanwhile. Throws `Failure`: Conflict where it keeps changing, what `Cluster.delete` and
 * `waitUntilGone` throw.
 */
export async function deleteOrReread(
  target: ApplyTarget,
  pending: Pending,
  { rechecked: { live }, removed }: { readonly rechecked: Rechecked; readonly removed: Removed },
  signal: AbortSignal,
): Promise<Pending> {
  removed.attempts += 1;
  if (!(await deleteAsRead(target, live, removed.attempts < deleteAttempts, signal))) return pending;
  removed.object = live;
  return { ...pending, planned: { ...pending.planned, action: { type: "create" } }, waited: true };
}

/** Deletes the object as it was read and waits until it is gone; false where somebody changed it, so that it is read again. */
async function deleteAsRead(
  target: ApplyTarget,
  live: KubeObject | undefined,
  mayRetry: boolean,
  signal: AbortSignal,
): Promise<boolean> {
  const { uid, resourceVersion } = live?.metadata ?? {};
  if (live === undefined || uid === undefined) return true;
  const version = resourceVersion === undefined ? {} : { resourceVersion };
  try {
    await target.cluster.delete(refOf(live), { uid, ...version, propagation: "Background" }, signal);
  } catch (thrown) {
    if (!mayRetry || !(thrown instanceof Failure) || thrown.code !== "Conflict") throw thrown;
    return false;
  }
  await target.slot.releaseWhile(() => waitUntilGone(target.cluster, refOf(live), uid, signal));
  return true;
}

/**
 * Creates the former object again after the new one was refused. Answers with the refusal; where the former object cannot
 * be restored, with that as well.
 */
export async function restore(
  target: Pick<ApplyTarget, "cluster">,
  before: KubeObject | undefined,
  refusal: Failure,
  signal: AbortSignal,
): Promise<Failure> {
  if (before === undefined) return refusal;
  const { status: _status, ...content } = withoutServerFields(before);
  try {
    await target.cluster.create(content as KubeObject, signal);
    return refusal;
  } catch (thrown) {
    const lost = toFailure(thrown);
    const discreet = withLoss(refusal.discreet, lost.discreet);
    return new Failure(refusal.code, withLoss(refusal, lost).problems, { cause: thrown, discreet });
  }
}

function withLoss(refusal: Failure, lost: Failure): Failure {
  const problems = lost.problems.map((problem) => ({
    ...problem,
    message: `the former object could not be restored: ${problem.message}`,
  }));
  return new Failure(refusal.code, [...refusal.problems, ...problems]);
}
