import { applyPolicy } from "../../api/annotations.ts";
import { refOf } from "../../cluster/index.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import type { Action, PlannedAction } from "../../model/plan.ts";
import { isOlder } from "../../model/resource-version.ts";
import {
  type DecisionContext,
  decideAgain,
  ownerOf,
  sameOwner,
  takeOver,
  withoutIgnoredFields,
} from "../../plan/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { waitUntilGone } from "../wait/until-gone.ts";
import type { Parts, Seen } from "./stage-writes.ts";

/** An object that is about to be written, and what is known of it. */
export interface Pending {
  readonly planned: PlannedAction;
  readonly parts: Parts;
  readonly by: DecisionContext;
  readonly seen: Seen;
  /** Something was waited for since the object was read. */
  readonly waited: boolean;
}

/** What is done with an object after all; `object` is what is applied, and `live` the present one where that was read. */
export interface Rechecked {
  readonly action: Action;
  readonly object: KubeObject;
  readonly live?: KubeObject | undefined;
}

/** An observation younger than this is as good as one of now, where nothing has been waited for. */
const freshMs = 30_000;

/**
 * Decides about an object once more, right before it is written: an operator of an earlier stage may have made it, another
 * Environment may have taken it, a person may have annotated it to be left alone. Reads the object only where that may have
 * changed, which the watch shows for labelled objects; waits for the end of one that is being deleted. Throws `Failure`:
 * OwnedByAnother, what `Cluster.get` throws, and HealthTimeout with what keeps the former object.
 */
export async function recheck(target: ApplyTarget, pending: Pending, signal: AbortSignal): Promise<Rechecked> {
  const { planned, parts, seen } = pending;
  const { manifest } = parts;
  if (!mustRead(target, pending)) return { action: planned.action, object: parts.object };
  for (;;) {
    const live = await target.cluster.get(refOf(manifest.object), signal);
    const action = decideAgain(planned.action, manifest, live, await decidingNow(target, pending, live, signal));
    if (action instanceof Failure) throw action;
    const isLeaving = action.type === "create" && action.after === "deletion";
    if (!isLeaving || live?.metadata.uid === undefined) {
      const trees = seen.left.get(formatId(manifest.id))?.trees ?? [];
      const object = withoutIgnoredFields(
        manifest.object,
        live && (takeOver(live, manifest.object)?.live ?? live),
        trees,
      );
      return { action, object, live };
    }
    const { uid } = live.metadata;
    await target.slot.releaseWhile(() => waitUntilGone(target.cluster, refOf(manifest.object), uid, signal));
  }
}

/** Whether the Environment whose labels the object carries has released it is asked now, not remembered from the plan. */
async function decidingNow(
  target: ApplyTarget,
  { parts: { manifest }, by }: Pending,
  live: KubeObject | undefined,
  signal: AbortSignal,
): Promise<DecisionContext> {
  const owner = live === undefined ? undefined : ownerOf(live);
  if (owner === undefined || sameOwner(owner, by.owner)) return by;
  const unclaimed = await target.ownershipPeers.unclaimed(new Map([[formatId(manifest.id), owner]]), signal);
  return { ...by, peers: { claimed: new Map(), unclaimed } };
}

function mustRead(
  target: ApplyTarget,
  { planned: { id, action }, parts: { manifest }, by, seen, waited }: Pending,
): boolean {
  // An object that is deleted to be made again is read in any case.
  if (action.type === "recreate" || (action.type === "create" && action.after === "deletion")) return true;
  const isOld = waited || !seen.isFirst || performance.now() - seen.at > freshMs;
  const shown = target.view.get(id);
  // The watch does not show objects without labels.
  if (action.type === "create") return isOld || shown !== undefined || applyPolicy(manifest.object) === "IfNotPresent";
  const known = seen.observed.get(formatId(id))?.live;
  if (shown === undefined || target.view.failure(id) !== undefined) return isOld;
  if (isOlder(shown.metadata.resourceVersion, known?.metadata.resourceVersion)) return isOld;
  return decideAgain(action, manifest, shown, by) !== action;
}
