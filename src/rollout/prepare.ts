import type { DeletionGuard } from "../api/environment/rollout-spec.ts";
import { createPace, inSlices } from "../clock/index.ts";
import { type Inventory, type InventoryEntry, inventoryEntry, widen } from "../model/inventory.ts";
import type { Manifest } from "../model/manifest.ts";
import { formatId, versionOf } from "../model/object-id.ts";
import type { Plan } from "../model/plan.ts";
import { type Deciding, type GoingBack, planSteps, whyLeft } from "../plan/index.ts";
import type { DesiredStage } from "../sandbox/index.ts";
import { deferJudgement } from "./judge/deferred.ts";
import { whyNotCreated } from "./judge/probe.ts";
import { openStages, type Unseal } from "./observe/desired.ts";
import { type Observation, observe } from "./observe/observe.ts";
import type { Kept } from "./outcome.ts";
import { refuseTooLarge } from "./prune/inventory-limit.ts";
import type { ApplyTarget } from "./target/apply-target.ts";
import { askOwnershipPeers } from "./target/ownership-peers.ts";

/** What may be done to reach a revision, as the Environment says. */
export interface Policy {
  readonly prune: boolean;
  readonly force: boolean;
  /** Absent: deletions are not held. */
  readonly guard: DeletionGuard | undefined;
  readonly approved: string | undefined;
  /** Set for content of the past. */
  readonly goingBack?: GoingBack | undefined;
}

/** A revision that was looked at and planned; nothing has been written. */
export interface Prepared {
  readonly observation: Observation;
  readonly plan: Plan;
  /** Inventory ids of what can only be judged when other parts of the plan have been written. */
  readonly deferred: ReadonlySet<string>;
  /** What is immutable may be deleted to be made again, as far as nothing keeps it. */
  readonly force: boolean;
  /** What was decided by, and is once more before each write. */
  readonly by: Deciding;
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
  const by = { owner: target.owner, others: await askOwnershipPeers(target, seen, inventory, signal), ...policy };
  const { observation, deferred } = await deferJudgement(seen, {
    force: policy.force,
    isLeft: (manifest, { live }) => whyLeft(manifest, live, by) !== undefined,
    whyUnmakeable: async (manifest) => {
      const object = seen.objects.get(formatId(manifest.id));
      return object && whyNotCreated(target, { manifest, object }, signal);
    },
  });
  const { stages, observed } = observation;
  const plan = await inSlices(planSteps({ stages, observed, inventory, ...by }));
  const owned = new Set(inventory.entries.map(({ id }) => id));
  return { observation, plan, deferred, force: policy.force, by: { ...by, owned } };
}

/** What a plan leaves alone and the environment still owns. */
export function rememberedInventory({ plan }: Prepared): Inventory {
  const entries = plan.actions.flatMap(({ id, version, action }): readonly InventoryEntry[] => {
    if (action.type !== "skip" && action.type !== "orphan") return [];
    const { remembered } = action;
    if (remembered === undefined) return [];
    const entry = inventoryEntry(id, version);
    return [remembered === "owned" ? entry : { ...entry, left: remembered }];
  });
  return { entries };
}

/** What a plan does not delete although it is no longer desired, of what the environment still owns. */
export function plannedToKeep({ plan }: Prepared): readonly Kept[] {
  return plan.actions.flatMap(({ id, action }) =>
    action.type === "orphan" && action.remembered !== undefined ? [{ id, reason: action.reason }] : [],
  );
}

/** What the environment will have at the plan's content once it has run: everything desired that is not skipped. */
export function plannedInventory({ observation, plan }: Prepared): Inventory {
  const skipped = new Set(plan.actions.filter(({ action }) => action.type === "skip").map(({ id }) => formatId(id)));
  const entries: InventoryEntry[] = observation.stages
    .flatMap((stage) => stage.manifests)
    .filter(({ id }) => !skipped.has(formatId(id)))
    .map(entryOf);
  return { entries: entries.sort((a, b) => (a.id < b.id ? -1 : 1)) };
}

function entryOf({ id, object }: Manifest): InventoryEntry {
  return inventoryEntry(id, versionOf(object.apiVersion));
}
