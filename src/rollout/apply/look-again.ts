import { applyPolicy } from "../../api/annotations.ts";
import { refOf } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import { isOlder } from "../../model/resource-version.ts";
import {
  type Deciding,
  decideAgain,
  type LeftToOthers,
  leaveToOthers,
  type Observed,
  ownerOf,
  sameOwner,
  takeOver,
} from "../../plan/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { waitUntilGone } from "../wait/wait-for.ts";
import type { Parts } from "./write.ts";

/** What was seen when the plan was made. Keys are inventory ids. */
export interface Seen {
  readonly observed: ReadonlyMap<string, Observed>;
  readonly left: ReadonlyMap<string, Pick<LeftToOthers, "trees">>;
  /** In milliseconds of the monotonic clock. */
  readonly at: number;
  /** No stage came before: nothing that was written has had time to act. */
  readonly isFirst: boolean;
}

/** An object that is about to be written, and what is known of it. */
export interface Pending {
  readonly planned: PlannedAction;
  readonly parts: Parts;
  readonly by: Deciding;
  readonly seen: Seen;
  /** Something was waited for since it was looked at. */
  readonly waited: boolean;
}

/** What is done with an object at last; `object` is what is applied, and `live` what it was where that was asked for. */
export interface Settled {
  readonly action: Action;
  readonly object: KubeObject;
  readonly live?: KubeObject | undefined;
}

/** An observation younger than this is as good as one of now, where nothing has been waited for. */
const freshMs = 30_000;

/**
 * Decides once more about an object right before it is written: an operator of an earlier stage may have made it, another
 * Environment taken it, a person said that it be left alone. It is asked for where it may have changed in that, which the
 * watch tells of what is labelled; one that is being deleted is waited for. Throws `Failure`: OwnedByAnother, what
 * `Cluster.get` does, and HealthTimeout with what keeps the former one.
 */
export async function settle(target: ApplyTarget, pending: Pending, signal: AbortSignal): Promise<Settled> {
  const { planned, parts, seen } = pending;
  const { manifest } = parts;
  if (!mustAsk(target, pending)) return { action: planned.action, object: parts.object };
  for (;;) {
    const live = await target.cluster.get(refOf(manifest.object), signal);
    const action = decideAgain(planned.action, manifest, live, await decidingNow(target, pending, live, signal));
    if (action instanceof Failure) throw action;
    const isLeaving = action.type === "create" && action.after === "deletion";
    if (!isLeaving || live?.metadata.uid === undefined) {
      const trees = seen.left.get(formatId(manifest.id))?.trees ?? [];
      const object = leaveToOthers(manifest.object, live && (takeOver(live, manifest.object)?.live ?? live), trees);
      return { action, object, live };
    }
    const { uid } = live.metadata;
    await target.slot.releaseWhile(() => waitUntilGone(target.cluster, refOf(manifest.object), uid, signal));
  }
}

/** Whether the Environment whose labels it carries has let it go is a question of now. */
async function decidingNow(
  target: ApplyTarget,
  { parts: { manifest }, by }: Pending,
  live: KubeObject | undefined,
  signal: AbortSignal,
): Promise<Deciding> {
  const owner = live === undefined ? undefined : ownerOf(live);
  if (owner === undefined || sameOwner(owner, by.owner)) return by;
  const released = await target.ownershipPeers.unclaimed(new Map([[formatId(manifest.id), owner]]), signal);
  return { ...by, others: { wanted: new Map(), released } };
}

function mustAsk(
  target: ApplyTarget,
  { planned: { id, action }, parts: { manifest }, by, seen, waited }: Pending,
): boolean {
  // What is deleted to be made again is looked at in any case.
  if (action.type === "recreate" || (action.type === "create" && action.after === "deletion")) return true;
  const isOld = waited || !seen.isFirst || performance.now() - seen.at > freshMs;
  const shown = target.view.get(id);
  // What nobody has labelled is not shown.
  if (action.type === "create") return isOld || shown !== undefined || applyPolicy(manifest.object) === "IfNotPresent";
  const known = seen.observed.get(formatId(id))?.live;
  if (shown === undefined || target.view.failure(id) !== undefined) return isOld;
  if (isOlder(shown.metadata.resourceVersion, known?.metadata.resourceVersion)) return isOld;
  return decideAgain(action, manifest, shown, by) !== action;
}
