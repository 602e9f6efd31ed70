import { createPace, inSlices } from "../clock/index.ts";
import { assess, needsWatch } from "../health/index.ts";
import { Failure } from "../model/failure.ts";
import { type Inventory, inventoryIds, widen } from "../model/inventory.ts";
import { describeId, formatId, type ObjectId, parseId } from "../model/object-id.ts";
import type { PlannedAction } from "../model/plan.ts";
import type { Verdict } from "../model/verdict.ts";
import { changes, isTerminating, lineMaskSteps } from "../plan/index.ts";
import { correct, isLeaving } from "./correct.ts";
import { knownSecrets, verdictMessage } from "./diagnosis/unhealthy.ts";
import { plannedInventory, plannedToKeep } from "./inventory/planned.ts";
import type { Health, Outcome } from "./outcome.ts";
import type { Prepared } from "./prepare.ts";
import { pruneAndNarrow } from "./prune/prune-and-narrow.ts";
import type { ApplyTarget } from "./target/apply-target.ts";
import { describeDeletion } from "./wait/until-gone.ts";

/**
 * Keeps an environment at a content that was healthy before: what drifted is set right, or only reported. Neither waits
 * for health nor rolls back, since nothing new is being tried. What an earlier prune left is deleted once all is healthy,
 * unless the brake holds that.
 */
export async function maintain(
  target: ApplyTarget,
  planned: Prepared,
  run: {
    readonly revision: string;
    readonly behind: boolean;
    readonly inventory: Inventory;
    readonly drift: "correct" | "report";
  },
  signal: AbortSignal,
): Promise<Outcome> {
  const isDrift = ({ action }: PlannedAction) => action.type !== "delete";
  const correcting = run.drift === "correct";
  const mayCorrect = correcting && changes(planned.plan).some(isDrift);
  const { prepared, stuck } = mayCorrect
    ? await correctOrSay(target, planned, signal)
    : { prepared: planned, stuck: undefined };
  const drifted = changes(prepared.plan).filter(isDrift);
  const pace = createPace();
  await pace();
  const desired = plannedInventory(prepared);
  await pace();
  const corrected = correcting && stuck === undefined ? drifted.filter((action) => !isLeaving(action)) : [];
  const health = stuck ?? missing(prepared, desired, corrected) ?? (await healthNow(target, desired, prepared));
  const mayPrune = health.healthy && !run.behind;
  // What an approval was for did not all succeed, or an agent before this one did not come to it: what is left is asked about.
  if (mayPrune && prepared.plan.hold !== undefined) {
    return { type: "held", revision: run.revision, plan: prepared.plan };
  }
  const { inventory, kept, pruneFailure } = mayPrune
    ? await pruneAndNarrow(target, prepared, run.inventory, signal)
    : { inventory: widen(run.inventory, desired), kept: plannedToKeep(prepared), pruneFailure: undefined };
  return {
    type: "maintained",
    revision: run.revision,
    behind: run.behind,
    corrected,
    drifted: correcting ? [] : drifted,
    inventory,
    kept,
    pruneFailure,
    health: health.healthy ? allHealthy(inventory) : health,
  };
}

/** What was to be set right and waits for something beyond its time is not well; the rest comes with the next pass. */
async function correctOrSay(
  target: ApplyTarget,
  prepared: Prepared,
  signal: AbortSignal,
): Promise<{ readonly prepared: Prepared; readonly stuck: Health | undefined }> {
  try {
    return { prepared: await correct(target, prepared, signal), stuck: undefined };
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code !== "HealthTimeout") throw thrown;
    return { prepared, stuck: { healthy: false, message: thrown.message } };
  }
}

/** What was not there when it was looked at, or was on its way out, and has not been made since: no more than ill. */
function missing({ observation }: Prepared, inventory: Inventory, made: readonly PlannedAction[]): Health | undefined {
  const there = new Set(made.map(({ id }) => formatId(id)));
  for (const { id: key } of inventory.entries) {
    const seen = observation.observed.get(key);
    if (seen === undefined || there.has(key) || (seen.live !== undefined && !isTerminating(seen.live))) continue;
    const id = parseId(key);
    const message = seen.live === undefined ? "does not exist" : describeDeletion(seen.live);
    return { healthy: false, message: `${id === undefined ? key : describeId(id)}: ${message}` };
  }
  return undefined;
}

/** The health of what an environment owns, as the live view has it: asks the API server nothing. Values are masked. */
async function healthNow(target: ApplyTarget, inventory: Inventory, { observation }: Prepared): Promise<Health> {
  const pace = createPace();
  for (const id of inventoryIds(inventory)) {
    const verdict = verdictNow(target, id);
    if (verdict !== undefined && verdict.state !== "current") {
      const mask = await inSlices(lineMaskSteps(await knownSecrets(observation)));
      return { healthy: false, message: `${describeId(id)}: ${verdictMessage(verdict, mask)}` };
    }
    await pace();
  }
  return allHealthy(inventory);
}

/** The health of an environment whose every object is healthy; said the same way whenever it is. */
export function allHealthy({ entries }: Inventory): Health {
  return { healthy: true, message: `${entries.length} objects are healthy` };
}

/** Tells whether an object is there and not healthy. */
export function isIll(target: ApplyTarget, id: ObjectId): boolean {
  const verdict = verdictNow(target, id);
  return verdict !== undefined && verdict.state !== "current";
}

function verdictNow(target: ApplyTarget, id: ObjectId): Verdict | undefined {
  const object = target.view.get(id);
  if (object === undefined || !needsWatch(id.group, id.kind, target.healthRules)) return undefined;
  return assess({ object, ...target.evidence.of(object) }, new Date(), target.healthRules);
}
