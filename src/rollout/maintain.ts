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
 * Keeps an Environment at a content that was healthy before: corrects drift, or only reports it. Neither waits for health
 * nor rolls back, since nothing new is being tried. What an earlier prune left is deleted once all is healthy, unless the
 * deletion guard holds that.
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
    ? await correctOrReport(target, planned, signal)
    : { prepared: planned, stuck: undefined };
  const drifted = changes(prepared.plan).filter(isDrift);
  const pace = createPace();
  await pace();
  const desired = plannedInventory(prepared);
  await pace();
  const corrected = correcting && stuck === undefined ? drifted.filter((action) => !isLeaving(action)) : [];
  const health = stuck ?? missing(prepared, desired, corrected) ?? (await healthNow(target, desired, prepared));
  const mayPrune = health.healthy && !run.behind;
  // Not all approved deletions succeeded, or a restart came between: the rest needs an approval again.
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

/** A correction that waits for something beyond its timeout counts as unhealthy; the next pass tries the rest. */
async function correctOrReport(
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

/** The first object that was missing or being deleted when it was observed, and has not been made since, as unhealthy. */
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

/** The health of what an Environment owns, as the watches show it: sends no request. Values of Secrets are masked. */
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

/** The health of an Environment whose objects are all healthy, in the same words wherever it is reported. */
export function allHealthy({ entries }: Inventory): Health {
  return { healthy: true, message: `${entries.length} objects are healthy` };
}

/** Whether an object exists and is not healthy. */
export function isUnhealthy(target: ApplyTarget, id: ObjectId): boolean {
  const verdict = verdictNow(target, id);
  return verdict !== undefined && verdict.state !== "current";
}

function verdictNow(target: ApplyTarget, id: ObjectId): Verdict | undefined {
  const object = target.view.get(id);
  if (object === undefined || !needsWatch(id.group, id.kind, target.healthRules)) return undefined;
  return assess({ object, ...target.evidence.of(object) }, new Date(), target.healthRules);
}
