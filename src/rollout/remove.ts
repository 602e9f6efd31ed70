import { refOf } from "../cluster/index.ts";
import { inParallel } from "../model/async/in-parallel.ts";
import type { Inventory } from "../model/inventory.ts";
import type { KubeObject } from "../model/manifest.ts";
import { formatId } from "../model/object-id.ts";
import type { Plan } from "../model/plan.ts";
import { makePlan } from "../plan/index.ts";
import { observe } from "./observe/observe.ts";
import { peerClaims } from "./observe/peer-claims.ts";
import type { Policy } from "./policy.ts";
import { prune } from "./prune/prune.ts";
import type { ApplyTarget } from "./target/apply-target.ts";
import { waitUntilGone } from "./wait/until-gone.ts";

/** What becomes of everything that an Environment owns, and the objects as they are now. */
export interface Removal {
  /** Held where the deletion guard holds it. */
  readonly plan: Plan;
  readonly live: ReadonlyMap<string, KubeObject>;
}

/**
 * Plans to delete what an Environment owns, in reverse order, and leaves what is annotated to stay, what existed before it,
 * and what other Environments have or claim. The deletion guard counts kinds and objects, not the percentage: all of it is
 * meant to go. Throws as `observe` does.
 */
export async function planRemoval(
  target: ApplyTarget,
  inventory: Inventory,
  { guard, approved }: Pick<Policy, "guard" | "approved">,
  signal: AbortSignal,
): Promise<Removal> {
  const observation = await observe(target, [], inventory, signal);
  const { observed } = observation;
  const peers = await peerClaims(target, observation, inventory, signal);
  const policy = { prune: true, force: false, leaving: true, guard, approved };
  // What a rollback left goes now, unless the failed revision had found it in the cluster.
  const all = {
    entries: inventory.entries.map(({ left, ...entry }) => (left === "found" ? { ...entry, left } : entry)),
  };
  const plan = makePlan({ stages: [], observed, inventory: all, owner: target.owner, peers, ...policy });
  const live = new Map(
    [...observed].flatMap(([key, seen]) => (seen.live === undefined ? [] : [[key, seen.live] as const])),
  );
  return { plan, live };
}

/** Carries a removal out. With `wait` it resolves when everything is gone. Throws `Failure` where a deletion failed. */
export async function remove(
  target: ApplyTarget,
  { plan, live }: Removal,
  wait: boolean,
  signal: AbortSignal,
): Promise<void> {
  const { failure } = await prune(target, plan.actions, live, signal);
  if (failure !== undefined) throw failure;
  if (!wait) return;
  const deleted = plan.actions.filter(({ action }) => action.type === "delete");
  const gone = async (key: string) => {
    const object = live.get(key);
    if (object?.metadata.uid === undefined) return;
    const { uid } = object.metadata;
    await target.slot.releaseWhile(() => waitUntilGone(target.cluster, refOf(object), uid, signal));
  };
  await inParallel(deleted, 16, ({ id }) => gone(formatId(id)), signal);
}
