import { environmentAnnotations } from "../../../api/names.ts";
import { isPinned } from "../../../environment/index.ts";
import { failureClasses, toFailure } from "../../../model/failure.ts";
import { contentDigest, type Snapshot } from "../../../rollout/index.ts";
import type { PassOutcome } from "../decisions/decide.ts";
import { attemptStart, isUnderWay } from "../status/attempt.ts";
import { writeProgress } from "../status/progress.ts";
import {
  type Content,
  hasFailed,
  isGoingBack,
  lastHealthy,
  latestContent,
  nextWindow,
  pinnedContent,
  rollbackTarget,
} from "./content.ts";
import { ensureFinalizer } from "./finalize.ts";
import { keep, maintainDuringError, maintainLastHealthy, rolloutInput, waitForWindow } from "./maintain.ts";
import type { PassContext } from "./pass-context.ts";

/**
 * One pass: fetch, render, and whatever is to be done about the difference. Throws `Failure` for an error, after having kept the
 * last healthy content in place as far as that is possible.
 */
export async function runPass(pass: PassContext, signal: AbortSignal): Promise<PassOutcome> {
  await forgetFailureOnRequest(pass, signal);
  const snapshot = await lastHealthy(pass, signal);
  try {
    return await moveToLatest(pass, snapshot, signal);
  } catch (thrown) {
    signal.throwIfAborted();
    await pass.target.slot.acquire(signal);
    if (snapshot !== undefined) await maintainDuringError(pass, snapshot, signal);
    throw thrown;
  }
}

async function moveToLatest(
  pass: PassContext,
  snapshot: Snapshot | undefined,
  signal: AbortSignal,
): Promise<PassOutcome> {
  pass.reading();
  const newest = await latestContent(pass, signal).catch((thrown: unknown) => {
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
    if (signal.aborted || failureClasses[cause.code].nature === "error" || !isUnderWay(pass.status.current))
      throw thrown;
    // Something of an earlier attempt is in the cluster, never proven healthy, and there is no way forward from it.
    const lastHealthy = rollbackTarget(pass, snapshot);
    if (lastHealthy === undefined) throw thrown;
    return pass.rollouts.fail(pass.target, { revision, lastHealthy, ...rolloutInput(pass, signal) }, cause, signal);
  }
}

/** A revision that has not failed. */
async function moveTo(
  pass: PassContext,
  next: Content & { readonly snapshot: Snapshot | undefined },
  signal: AbortSignal,
): Promise<PassOutcome> {
  const { environment } = pass;
  const { revision, snapshot } = next;
  pass.checkDependencies();
  // Workers are waited for as well.
  const stages = await pass.target.slot.releaseWhile(() => next.stages());
  if (
    snapshot !== undefined &&
    contentDigest(snapshot.stages) === contentDigest(stages) &&
    !isUnderWay(pass.status.current)
  ) {
    return keep(pass, { revision, stages }, false, signal);
  }
  const opens = await nextWindow(pass);
  if (opens !== undefined) return waitForWindow(pass, { revision, opens, snapshot }, signal);
  const since = attemptStart(pass.status.current, revision, environment.metadata.generation ?? 0, new Date());
  const attempt = {
    revision,
    stages,
    lastHealthy: rollbackTarget(pass, snapshot),
    since,
    ...rolloutInput(pass, signal),
  };
  return pass.rollouts.rollOut(pass.target, attempt, signal);
}

async function forgetFailureOnRequest(pass: PassContext, signal: AbortSignal): Promise<void> {
  const requested = pass.environment.metadata.annotations?.[environmentAnnotations.requestedAt];
  if (requested === undefined || requested === pass.status.current.lastHandledRequest) return;
  pass.target.slot.prioritize();
  await pass.source.refresh(signal).catch((thrown: unknown) => {
    signal.throwIfAborted();
    // What was fetched before is used; the condition SourceReady says that it is old.
    pass.logFailure("the repository could not be fetched again", thrown);
  });
  await writeProgress(pass, { type: "requested", request: requested }, signal);
}
