import { createPace, inSlices } from "../clock/index.ts";
import { type Inventory, widen } from "../model/inventory.ts";
import type { Manifest } from "../model/manifest.ts";
import { formatId } from "../model/object-id.ts";
import type { Plan } from "../model/plan.ts";
import { type DecisionContext, planSteps, skipReason } from "../plan/index.ts";
import type { DesiredStage } from "../sandbox/index.ts";
import { refuseTooLarge } from "./inventory/limit.ts";
import { entryOf } from "./inventory/planned.ts";
import { deferJudgement } from "./judge/deferred.ts";
import { whyNotCreated } from "./judge/why-not-created.ts";
import { openStages, type Unseal } from "./observe/desired.ts";
import { type Observation, observe } from "./observe/observe.ts";
import { peerClaims } from "./observe/peer-claims.ts";
import type { Policy } from "./policy.ts";
import type { ApplyTarget } from "./target/apply-target.ts";

/** A revision that was observed and planned; nothing has been written. */
export interface Prepared {
  readonly observation: Observation;
  readonly plan: Plan;
  /** Inventory ids of objects that can only be judged once other parts of the plan have been written. */
  readonly deferred: ReadonlySet<string>;
  /** Objects with a changed immutable field may be deleted and made again, unless something keeps them. */
  readonly force: boolean;
  /** What the plan was decided by; each action is decided by it once more before its write. */
  readonly by: DecisionContext;
}

/**
 * Unseals what the target vouches for, observes and plans: what `mooring plan` prints and what the agent runs. Throws the
 * failures of `seal`, `observe` and `makePlan`, and InputTooLarge; writes nothing.
 */
export async function prepare(
  target: ApplyTarget,
  wanted: {
    readonly stages: readonly DesiredStage[];
    readonly inventory: Inventory;
    readonly policy: Policy;
    readonly unseal: Unseal;
  },
  signal: AbortSignal,
): Promise<Prepared> {
  const open = async (manifests: readonly Manifest[]) => wanted.unseal(await target.vouch(manifests, signal));
  const opened = await openStages(wanted.stages, open, target.owner);
  const desired = opened.flatMap((stage) => stage.manifests);
  const { inventory, policy } = wanted;
  const pace = createPace();
  await pace();
  refuseTooLarge(widen(inventory, { entries: desired.map(entryOf) }));
  await pace();
  const seen = await observe(target, opened, inventory, signal);
  await pace();
  const peers = await peerClaims(target, seen, inventory, signal);
  const owned = new Set(inventory.entries.map(({ id }) => id));
  const by: DecisionContext = { owner: target.owner, rollback: policy.rollback, peers, owned };
  const { observation, deferred } = await deferJudgement(seen, {
    force: policy.force,
    isLeft: (manifest, { live }) => skipReason(manifest, live, by) !== undefined,
    whyUnmakeable: async (manifest) => {
      const object = seen.objects.get(formatId(manifest.id));
      return object && whyNotCreated(target, { manifest, object }, signal);
    },
  });
  const { stages, observed } = observation;
  const plan = await inSlices(planSteps({ stages, observed, inventory, owner: target.owner, peers, ...policy }));
  return { observation, plan, deferred, force: policy.force, by };
}
