import { environmentAnnotations } from "../../../api/names.ts";
import { clusterVariables, desiredStages, isPinned } from "../../../environment/index.ts";
import { Failure, failureClasses, toFailure } from "../../../model/failure.ts";
import type { Inventory } from "../../../model/inventory.ts";
import { parseRevision, shortRevision } from "../../../model/revision.ts";
import { contentDigest, type DesiredStage, type Outcome, policyOf, type Snapshot } from "../../../rollout/index.ts";
import { type LatestRevision, latestRevision } from "../../latest-revision.ts";
import { attemptStart, isUnderWay, madeBy, resetAttempt } from "./attempt.ts";
import { ensureFinalizer } from "./finalize.ts";
import { createJournal } from "./journal.ts";
import type { DesireContext, PassContext } from "./pass-context.ts";
import { lookUp } from "./schedule.ts";

/**
 * One pass: fetch, render, and whatever is to be done about the difference. Undefined where there is nothing to do, as
 * for a revision that failed before and has nothing to go back to. Throws `Failure` for an error, after having kept the
 * last healthy content in place as far as that is possible.
 */
export async function runPass(pass: PassContext, signal: AbortSignal): Promise<Outcome | undefined> {
  await forgetFailureOnRequest(pass, signal);
  const snapshot = await lastHealthy(pass, signal);
  try {
    return await moveToNewest(pass, snapshot, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    await pass.target.slot.acquire(signal);
    if (snapshot !== undefined) await maintainDuringError(pass, snapshot, signal);
    throw thrown;
  }
}

async function moveToNewest(
  pass: PassContext,
  snapshot: Snapshot | undefined,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  pass.reading();
  const newest = await newestContent(pass, signal).catch((thrown: unknown) => {
    signal.throwIfAborted();
    // Neither going back nor a pin to what was last healthy needs Git.
    if (isPinned(pass.environment)) return pinnedContent(pass, snapshot, thrown);
    if (isGoingBack(pass)) return undefined;
    throw thrown;
  });
  // Only now: a Git server that does not answer keeps nobody's slot.
  await pass.target.slot.acquire(signal);
  await ensureFinalizer(pass.cluster, pass.environment, signal);
  if (newest === undefined) return maintainLastHealthy(pass, snapshot, signal);
  const { revision } = newest;
  if (hasFailed(pass, revision)) return maintainLastHealthy(pass, snapshot, signal);
  try {
    return await moveTo(pass, { ...newest, snapshot }, signal);
  } catch (thrown) {
    const cause = toFailure(thrown);
    if (signal.aborted || failureClasses[cause.code].nature === "error" || !isUnderWay(pass.status)) throw thrown;
    // Something of an earlier attempt is in the cluster, never proven healthy, and there is no way forward from it.
    const lastHealthy = rollbackTarget(pass, snapshot);
    if (lastHealthy === undefined) throw thrown;
    return pass.rollouts.fail(pass.target, { revision, lastHealthy, ...common(pass, signal) }, cause, signal);
  }
}

/** A revision, and what it comes to once that is asked. */
interface Content {
  readonly revision: string;
  readonly stages: () => Promise<readonly DesiredStage[]>;
}

async function newestContent(pass: PassContext, signal: AbortSignal): Promise<Content> {
  const newest = await latestRevision(pass, signal);
  return { revision: newest.revision, stages: () => rendered(pass, newest, signal) };
}

/** The pinned revision out of the snapshot, where that holds it; else what was thrown is thrown on. */
function pinnedContent({ environment }: PassContext, snapshot: Snapshot | undefined, thrown: unknown): Content {
  const commit = environment.spec.source.ref?.commit;
  if (snapshot === undefined || parseRevision(snapshot.revision)?.commit !== commit) throw thrown;
  return { revision: `sha1:${commit}`, stages: async () => snapshot.stages };
}

/** A revision that has not failed. */
async function moveTo(
  pass: PassContext,
  next: Content & { readonly snapshot: Snapshot | undefined },
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const { environment } = pass;
  const { revision, snapshot } = next;
  pass.checkDependencies();
  // Workers are waited for as well.
  const stages = await pass.target.slot.releaseWhile(() => next.stages());
  if (snapshot !== undefined && contentDigest(snapshot.stages) === contentDigest(stages) && !isUnderWay(pass.status)) {
    return keep(pass, { revision, stages }, false, signal);
  }
  const opens = await nextWindow(pass);
  if (opens !== undefined) return waitForWindow(pass, { revision, next: opens, snapshot }, signal);
  const since = attemptStart(pass.status, revision, environment.metadata.generation ?? 0);
  const attempt = { revision, stages, lastHealthy: rollbackTarget(pass, snapshot), since, ...common(pass, signal) };
  return pass.rollouts.rollOut(pass.target, attempt, signal);
}

/** What the Environment is at a revision: as rendered, still sealed. Throws as `desiredStages` does. */
export async function rendered(
  pass: DesireContext,
  newest: LatestRevision,
  signal: AbortSignal,
): Promise<readonly DesiredStage[]> {
  return desiredStages(pass.environment, newest, { ...pass, variables: clusterVariables(pass.cluster) }, signal);
}

/**
 * When the window opens that a new revision waits for; undefined where it need not wait: what was begun is finished, and
 * a pin is somebody's wish. Throws as `lookUp` does.
 */
export async function nextWindow({ environment, status }: DesireContext): Promise<Date | undefined> {
  const opening = await lookUp(environment.spec.schedule ?? [], new Date());
  return opening.open || isUnderWay(status) || isPinned(environment) ? undefined : opening.next;
}

/** A new revision may not roll out now. What is there is kept as it is, and stays ready. */
async function waitForWindow(
  pass: PassContext,
  {
    revision,
    next,
    snapshot,
  }: { readonly revision: string; readonly next: Date; readonly snapshot: Snapshot | undefined },
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const message = `revision ${shortRevision(revision)} waits for the schedule, which opens at ${next.toISOString()}`;
  const held = { type: "Held", status: "True", reason: "OutsideSchedule", message } as const;
  await pass.status.write({ conditions: [held], fields: { waitingRevision: revision } }, signal);
  return snapshot === undefined ? undefined : keep(pass, snapshot, true, signal);
}

/** The newest revision failed: finish going back from it, or keep what was gone back to. */
async function maintainLastHealthy(
  pass: PassContext,
  snapshot: Snapshot | undefined,
  signal: AbortSignal,
): Promise<Outcome | undefined> {
  const { lastAppliedRevision, failedRevision = "", failedProblems, attempt } = pass.status.current;
  const lastHealthy = rollbackTarget(pass, snapshot);
  if (attempt?.failed !== undefined) {
    const cause = new Failure("HealthFailed", failedProblems ?? { message: attempt.cause ?? "" });
    if (lastHealthy === undefined) return { type: "failed", failed: failedRevision, cause };
    const since = new Date(attempt.failed);
    return pass.rollouts.rollBack(
      pass.target,
      { failed: failedRevision, cause, lastHealthy, since, ...common(pass, signal) },
      signal,
    );
  }
  if (lastHealthy === undefined || lastAppliedRevision === failedRevision) return { type: "stopped" };
  return keep(pass, lastHealthy, true, signal);
}

/** The content to go back to, where there is one and going back is wanted: from what somebody chose by a pin it is not. */
export function rollbackTarget({ environment }: DesireContext, snapshot: Snapshot | undefined): Snapshot | undefined {
  return environment.spec.rollback === "auto" && !isPinned(environment) ? snapshot : undefined;
}

/** A revision failed, and what followed from it has not come to its end. */
function isGoingBack({ status, environment }: PassContext): boolean {
  const { attempt, failedGeneration } = status.current;
  return attempt?.failed !== undefined && failedGeneration === environment.metadata.generation;
}

async function keep(
  pass: PassContext,
  content: { readonly revision: string; readonly stages: readonly DesiredStage[] },
  behind: boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  const { inventory, policy: own, unseal } = common(pass, signal);
  const policy = behind ? { ...own, goingBack: { found: new Set(madeBy(pass.status).found) } } : own;
  const prepared = await pass.rollouts.prepare(
    pass.target,
    { stages: content.stages, inventory, policy, unseal },
    signal,
  );
  const { drift } = pass.environment.spec;
  return pass.rollouts.maintain(
    pass.target,
    prepared,
    { revision: content.revision, behind, inventory, drift },
    signal,
  );
}

/** While something else is wrong: the last healthy content is kept, and its own troubles are in the log only. */
async function maintainDuringError(pass: PassContext, snapshot: Snapshot, signal: AbortSignal): Promise<void> {
  const { lastAppliedRevision, lastHealthyRevision } = pass.status.current;
  if (lastAppliedRevision !== lastHealthyRevision || isUnderWay(pass.status)) return;
  await keep(pass, snapshot, true, signal).catch((thrown: unknown) => {
    signal.throwIfAborted();
    pass.wentWrong("what was last healthy could not be kept", thrown);
  });
}

function common(pass: PassContext, signal: AbortSignal) {
  const policy = policyOf(pass.environment);
  const inventory: Inventory = pass.status.current.inventory ?? { entries: [] };
  return { inventory, policy, unseal: pass.unseal, journal: createJournal(pass, signal) };
}

/** Tells whether a revision failed under the spec as it is. */
export function hasFailed(pass: DesireContext, revision: string): boolean {
  const { failedRevision, failedGeneration } = pass.status.current;
  return failedRevision === revision && failedGeneration === pass.environment.metadata.generation;
}

async function forgetFailureOnRequest(pass: PassContext, signal: AbortSignal): Promise<void> {
  const requested = pass.environment.metadata.annotations?.[environmentAnnotations.requestedAt];
  if (requested === undefined || requested === pass.status.current.lastHandledRequest) return;
  pass.target.slot.prioritize();
  await pass.source.refresh(signal).catch((thrown: unknown) => {
    signal.throwIfAborted();
    // What was fetched before is gone by; the condition SourceReady says that it is old.
    pass.wentWrong("the repository could not be asked anew", thrown);
  });
  const fields = {
    lastHandledRequest: requested,
    failedRevision: null,
    failedGeneration: null,
    ...resetAttempt(pass.status),
  };
  const message = "asked to reconcile";
  const reconciling = { type: "Reconciling", status: "True", reason: "Progressing", message } as const;
  await pass.status.write({ conditions: [reconciling], fields }, signal);
}

/**
 * An Environment that nothing was applied of has none. One that cannot be used is told and counts as none: there is nothing
 * to go back to, and the next healthy rollout writes a new one.
 */
export async function lastHealthy(pass: DesireContext, signal: AbortSignal): Promise<Snapshot | undefined> {
  const { lastAppliedRevision, lastHealthyRevision } = pass.status.current;
  if (lastAppliedRevision === undefined && lastHealthyRevision === undefined) return undefined;
  try {
    return await pass.snapshots.read(signal);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code !== "SnapshotInvalid") throw thrown;
    pass.happen({ type: "Warning", reason: "SnapshotInvalid", message: thrown.message, aside: true });
    return undefined;
  }
}
