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

/** What becomes of all that an environment owns, and how that is now. */
export interface Removal {
  /** Holds what the brake on deletions holds. */
  readonly plan: Plan;
  readonly live: ReadonlyMap<string, KubeObject>;
}

/**
 * Plans to delete what an environment owns, in reverse order, leaving what is annotated to stay, what was there before, and
 * what others have or want. The brake looks at kinds and numbers; that nothing is left is what is wanted.
 */
export async function planRemoval(
  target: ApplyTarget,
  inventory: Inventory,
  { guard, approved }: Pick<Policy, "guard" | "approved">,
  signal: AbortSignal,
): Promise<Removal> {
  const observation = await observe(target, [], inventory, signal);
  const { observed } = observation;
  const others = await peerClaims(target, observation, inventory, signal);
  const policy = { prune: true, force: false, leaving: true, guard, approved };
  // What only a rollback left goes now, unless it was there before.
  const all = {
    entries: inventory.entries.map(({ left, ...entry }) => (left === "found" ? { ...entry, left } : entry)),
  };
  const plan = makePlan({ stages: [], observed, inventory: all, owner: target.owner, peers: others, ...policy });
  const live = new Map(
    [...observed].flatMap(([key, seen]) => (seen.live === undefined ? [] : [[key, seen.live] as const])),
  );
  return { plan, live };
}

/** Carries it out. With `wait` it resolves when all of it is gone. Throws `Failure` when something could not be deleted. */
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
