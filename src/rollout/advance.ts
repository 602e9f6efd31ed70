import { createPace } from "../clock/index.ts";
import { type Inventory, sameInventory, widen } from "../model/inventory.ts";
import { formatId, type ObjectId } from "../model/object-id.ts";
import type { Plan } from "../model/plan.ts";
import { changes } from "../plan/index.ts";
import type { DesiredStage } from "../sandbox/index.ts";
import { applyInTime } from "./apply/in-time.ts";
import { type StageWrites, stageWrites } from "./apply/stage-writes.ts";
import { applyIfGone } from "./apply/write.ts";
import { revisePlan } from "./correct.ts";
import { knownSecrets } from "./diagnosis/unhealthy.ts";
import { plannedInventory } from "./inventory/planned.ts";
import type { Prepared } from "./prepare.ts";
import { type Narrowed, pruneAndNarrow } from "./prune/prune-and-narrow.ts";
import type { ApplyTarget } from "./target/apply-target.ts";
import { waitForExternalChecks } from "./wait/external-checks.ts";
import { waitForHealth } from "./wait/wait.ts";

/** Called before the first write, so that a crash over-remembers what the Environment owns and never forgets. */
export type BeforeWriting = (inventory: Inventory, plan: Plan) => Promise<void>;

/** How a prepared plan is run. */
export interface Run {
  readonly inventory: Inventory;
  /** When the attempt began. */
  readonly since: Date;
  /** It is a rollback: pods of the failed revision that block it are deleted. */
  readonly isRollback: boolean;
  readonly beforeWriting: BeforeWriting;
  /** Called before an object is changed that was to be created: it existed before, and is not the Environment's to delete. */
  readonly onFound?: NonNullable<StageWrites["onFound"]>;
}

/** What came of an advance. */
export interface Advanced extends Narrowed {
  readonly plan: Plan;
}

/**
 * Runs a prepared plan: widens the inventory, applies stage by stage, waits for each stage's health, prunes, and answers
 * with the narrowed inventory. Nothing is deleted before everything is healthy. Throws `Failure`: what `applyInTime` and
 * `waitForHealth` throw.
 */
export async function advance(
  target: ApplyTarget,
  prepared: Prepared,
  run: Run,
  signal: AbortSignal,
): Promise<Advanced> {
  const { plan, observation } = prepared;
  const pace = createPace();
  await pace();
  const planned = plannedInventory(prepared);
  const widened = widen(run.inventory, planned);
  await pace();
  if (changes(plan).length > 0 || !sameInventory(widened, run.inventory)) await run.beforeWriting(widened, plan);
  let latest = run.since.getTime();
  let done = prepared;
  for (const stage of observation.stages) {
    latest += stage.timeoutMs;
    done = await advanceStage(target, done, { stage, run, latest }, signal);
  }
  await waitForExternalChecks(target, observation.stages.at(-1), run.since, signal);
  return { plan: done.plan, ...(await pruneAndNarrow(target, done, run.inventory, signal)) };
}

async function advanceStage(
  target: ApplyTarget,
  prepared: Prepared,
  { stage, run, latest }: { readonly stage: DesiredStage; readonly run: Run; readonly latest: number },
  signal: AbortSignal,
): Promise<Prepared> {
  const full = performance.now() + stage.timeoutMs;
  const { onFound } = run;
  const writes = { ...stageWrites(prepared, stage), ...(onFound === undefined ? {} : { onFound }) };
  const applied = await applyInTime(target, stage, writes, signal);
  const { versions: written } = applied;
  const done = revisePlan(prepared, applied);
  const objects = waitedFor(done, stage);
  const deadline = written.size > 0 ? full : resumedDeadline(latest, stage.timeoutMs);
  const { since, isRollback: freesStuckPods } = run;
  const secrets = () => knownSecrets(prepared.observation);
  const remake = (id: ObjectId, until: AbortSignal) => applyIfGone(target, writes, id, until);
  const wait = { objects, written, since, deadline, freesStuckPods, secrets, remake };
  await target.slot.releaseWhile(() => waitForHealth(target, wait, signal));
  return done;
}

/** The objects of a stage whose health counts: all but those that were skipped. */
function waitedFor({ plan }: Prepared, { manifests }: DesiredStage) {
  const skipped = new Set(plan.actions.filter(({ action }) => action.type === "skip").map(({ id }) => formatId(id)));
  return manifests
    .filter(({ id }) => !skipped.has(formatId(id)))
    .map(({ id, object, origin }) => ({ id, apiVersion: object.apiVersion, origin }));
}

/**
 * Where nothing was left to write, an agent before this one may have waited already: the time counts from the start of the
 * attempt. What blocked that agent may have blocked the objects, so a minute is always left.
 */
function resumedDeadline(latest: number, timeoutMs: number): number {
  // The other agent's time is known by date only; from here on no step of the clock counts.
  const left = Math.max(latest - Date.now(), resumedMs);
  return performance.now() + Math.min(timeoutMs, left);
}

/** How long a resumed wait lasts at least, unless the stage's timeout is shorter. */
const resumedMs = 60_000;
