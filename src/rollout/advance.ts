import { createPace } from "../clock/index.ts";
import { Failure } from "../model/failure.ts";
import { type Inventory, sameInventory, widen } from "../model/inventory.ts";
import type { KubeObject } from "../model/manifest.ts";
import { formatId, type ObjectId } from "../model/object-id.ts";
import type { Plan, PlannedAction } from "../model/plan.ts";
import { changes } from "../plan/index.ts";
import type { DesiredStage } from "../sandbox/index.ts";
import { applyStage, type Written } from "./apply/apply.ts";
import { stageWrites } from "./apply/stages.ts";
import { applyIfGone, type StageWrites } from "./apply/write.ts";
import { knownSecrets } from "./diagnosis/unhealthy.ts";
import type { Kept } from "./outcome.ts";
import { type Prepared, plannedInventory, plannedToKeep, rememberedInventory } from "./prepare.ts";
import { prune } from "./prune/prune.ts";
import type { ApplyTarget } from "./target/apply-target.ts";
import { type Wait, waitForHealth } from "./wait/wait.ts";
import { createExternalCheckView } from "./watch/external-check-view.ts";

/** Told before the first write, so that a crash over-remembers what the environment owns and never forgets. */
export type BeforeWriting = (inventory: Inventory, plan: Plan) => Promise<void>;

/** How a prepared plan is run. */
export interface Run {
  readonly inventory: Inventory;
  /** When the attempt began. */
  readonly since: Date;
  /** It is a rollback: pods of the failed revision that stand in the way are deleted. */
  readonly goingBack: boolean;
  readonly beforeWriting: BeforeWriting;
  /** Told before an object is changed that was to be made: it was there before, and is not the environment's to delete. */
  readonly onFound?: NonNullable<StageWrites["onFound"]>;
}

/** What came of an advance. */
export interface Advanced {
  readonly plan: Plan;
  /** What the environment owns now. */
  readonly inventory: Inventory;
  /** What of that is no longer desired. */
  readonly kept: readonly Kept[];
  /** Why some of the deletions did not succeed; what they were for is still in the inventory. */
  readonly pruneFailure: Failure | undefined;
}

/**
 * Runs a prepared plan: widens the inventory, applies stage by stage, waits for each stage's health, prunes, and answers
 * with the narrowed inventory. Nothing is deleted before everything is healthy. Throws `Failure`: what `applyStage` and
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
    done = await rollOutStage(target, done, { stage, run, latest }, signal);
  }
  await waitForExternalChecks(target, observation.stages.at(-1), run, signal);
  return { plan: done.plan, ...(await pruneAndNarrow(target, done, run.inventory, signal)) };
}

/**
 * Deletes what is no longer desired, and answers with what the environment owns now: what is not gone and not let go of
 * stays in the inventory, or it would never be found again.
 */
export async function pruneAndNarrow(
  target: ApplyTarget,
  prepared: Prepared,
  inventory: Inventory,
  signal: AbortSignal,
): Promise<Pick<Advanced, "inventory" | "kept" | "pruneFailure">> {
  const { survivors, kept: late, failure } = await prune(target, prepared.plan.actions, liveObjects(prepared), signal);
  await createPace()();
  const surviving = inventory.entries.filter(({ id }) => survivors.has(id));
  const remembered = widen({ entries: surviving }, rememberedInventory(prepared));
  const kept = [...plannedToKeep(prepared), ...late];
  return { inventory: widen(remembered, plannedInventory(prepared)), kept, pruneFailure: failure };
}

/** The same, with a plan that says what was done. */
function asSettled(prepared: Prepared, { settled }: Written): Prepared {
  if (settled.size === 0) return prepared;
  const { plan } = prepared;
  const actions = plan.actions.map((each) => ({ ...each, action: settled.get(formatId(each.id)) ?? each.action }));
  return { ...prepared, plan: { ...plan, actions } };
}

/**
 * Applies what changes, stage by stage, each within its timeout, and nothing else: neither waits for health nor prunes. For
 * setting drift right. What is still being deleted comes with the pass that its end wakes. Answers with a plan that says
 * what was done. Throws what `applyStage` does; HealthTimeout names what was waited for in vain.
 */
export async function correct(target: ApplyTarget, prepared: Prepared, signal: AbortSignal): Promise<Prepared> {
  let done = prepared;
  for (const stage of prepared.observation.stages) {
    const writes = stageWrites(done, stage);
    const actions = writes.actions.filter((action) => !isLeaving(action));
    done = asSettled(done, await applyInTime(target, stage, { ...writes, actions }, signal));
  }
  return done;
}

/** Tells whether an object is to be made once its earlier self is gone. */
export function isLeaving({ action }: PlannedAction): boolean {
  return action.type === "create" && action.after === "deletion";
}

async function rollOutStage(
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
  const done = asSettled(prepared, applied);
  const skipped = new Set(
    done.plan.actions.filter(({ action }) => action.type === "skip").map(({ id }) => formatId(id)),
  );
  const objects = stage.manifests
    .filter(({ id }) => !skipped.has(formatId(id)))
    .map(({ id, object, origin }) => ({ id, apiVersion: object.apiVersion, origin }));
  const deadline = written.size > 0 ? full : resumedDeadline(latest, stage.timeoutMs);
  const { since, goingBack: freesStuckPods } = run;
  const secrets = () => knownSecrets(prepared.observation);
  const remake = (id: ObjectId, until: AbortSignal) => applyIfGone(target, writes, id, until);
  const wait = { objects, written, since, deadline, freesStuckPods, secrets, remake };
  await target.slot.releaseWhile(() => waitForHealth(target, wait, signal));
  return done;
}

async function applyInTime(
  target: ApplyTarget,
  stage: DesiredStage,
  writes: StageWrites,
  signal: AbortSignal,
): Promise<Written> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(stage.timeoutMs)]);
  try {
    return await applyStage(target, writes, limit);
  } catch (thrown) {
    signal.throwIfAborted();
    throw limit.aborted && !(thrown instanceof Failure) ? tooSlow(stage) : thrown;
  }
}

/** Time is up, and the API server has not even taken all objects: that says nothing against the revision. */
function tooSlow({ name, timeoutMs }: DesiredStage): Failure {
  const stage = name === "" ? "the objects" : `the objects of stage ${name}`;
  const message = `the API server did not take ${stage} within ${timeoutMs / 1_000} s`;
  return new Failure("ClusterUnreachable", { message, hint: "it is slow; a longer timeout may help" });
}

/** Waits for the objects outside the environment, within the last stage's time limit. */
async function waitForExternalChecks(
  target: ApplyTarget,
  lastStage: DesiredStage | undefined,
  run: Run,
  signal: AbortSignal,
): Promise<void> {
  if (target.externalChecks.length === 0 || lastStage === undefined) return;
  const view = createExternalCheckView(target.watches);
  try {
    const deadline = performance.now() + lastStage.timeoutMs;
    const { since } = run;
    const wait: Wait = {
      objects: target.externalChecks,
      written: new Map(),
      since,
      deadline,
      freesStuckPods: false,
      secrets: undefined,
    };
    await target.slot.releaseWhile(() => waitForHealth({ ...target, view }, wait, signal));
  } finally {
    await view.close();
  }
}

/**
 * Where nothing was left to write, an agent before this one may have waited already: the time goes on from the start of
 * the attempt. What was in the way of that agent may have been in the way of the objects, so a moment is always left.
 */
function resumedDeadline(latest: number, timeoutMs: number): number {
  // The other agent's time is known by date only; from here on no step of the clock counts.
  const left = Math.max(latest - Date.now(), resumedMs);
  return performance.now() + Math.min(timeoutMs, left);
}

/** How long a resumed wait lasts at least, unless the stage's timeout is shorter. */
const resumedMs = 60_000;

function liveObjects({ observation }: Prepared): ReadonlyMap<string, KubeObject> {
  return new Map(
    [...observation.observed].flatMap(([key, { live }]) => (live === undefined ? [] : [[key, live] as const])),
  );
}
