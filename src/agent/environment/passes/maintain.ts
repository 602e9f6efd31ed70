import { Failure } from "../../../model/failure.ts";
import type { Inventory } from "../../../model/inventory.ts";
import { type DesiredStage, type Outcome, type Policy, policyOf, type Snapshot } from "../../../rollout/index.ts";
import type { PassOutcome } from "../decisions/decide.ts";
import { isUnderWay, madeBy } from "../status/attempt.ts";
import { writeProgress } from "../status/progress.ts";
import { rollbackTarget } from "./content.ts";
import { createJournal } from "./journal.ts";
import type { PassContext } from "./pass-context.ts";

/** A new revision may not roll out now. What is there is kept as it is, and stays ready. */
export async function waitForWindow(
  pass: PassContext,
  {
    revision,
    opens,
    snapshot,
  }: { readonly revision: string; readonly opens: Date; readonly snapshot: Snapshot | undefined },
  signal: AbortSignal,
): Promise<PassOutcome> {
  await writeProgress(pass, { type: "outsideSchedule", revision, opens }, signal);
  return snapshot === undefined ? { type: "idle" } : keep(pass, snapshot, true, signal);
}

/** The newest revision failed: finish going back from it, or keep what was gone back to. */
export async function maintainLastHealthy(
  pass: PassContext,
  snapshot: Snapshot | undefined,
  signal: AbortSignal,
): Promise<PassOutcome> {
  const { lastAppliedRevision, failedRevision = "", failedProblems, attempt } = pass.status.current;
  const lastHealthy = rollbackTarget(pass, snapshot);
  if (attempt?.failed !== undefined) {
    const cause = new Failure("HealthFailed", failedProblems ?? { message: attempt.cause ?? "" });
    if (lastHealthy === undefined) return { type: "failed", failed: failedRevision, cause };
    const since = new Date(attempt.failed);
    return pass.rollouts.rollBack(
      pass.target,
      { failed: failedRevision, cause, lastHealthy, since, ...rolloutInput(pass, signal) },
      signal,
    );
  }
  if (lastHealthy === undefined || lastAppliedRevision === failedRevision) return { type: "stopped" };
  return keep(pass, lastHealthy, true, signal);
}

/** Keeps content that is in the cluster as it should be; `behind` where a newer revision is not rolled out. */
export async function keep(
  pass: PassContext,
  content: { readonly revision: string; readonly stages: readonly DesiredStage[] },
  behind: boolean,
  signal: AbortSignal,
): Promise<Outcome> {
  const { inventory, policy: own, unseal } = rolloutInput(pass, signal);
  const policy: Policy = behind ? { ...own, rollback: { found: new Set(madeBy(pass.status.current).found) } } : own;
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
export async function maintainDuringError(pass: PassContext, snapshot: Snapshot, signal: AbortSignal): Promise<void> {
  const { lastAppliedRevision, lastHealthyRevision } = pass.status.current;
  if (lastAppliedRevision !== lastHealthyRevision || isUnderWay(pass.status.current)) return;
  await keep(pass, snapshot, true, signal).catch((thrown: unknown) => {
    signal.throwIfAborted();
    pass.logFailure("what was last healthy could not be kept", thrown);
  });
}

/** What every rollout is given. */
export function rolloutInput(pass: PassContext, signal: AbortSignal) {
  const policy = policyOf(pass.environment);
  const inventory: Inventory = pass.status.current.inventory ?? { entries: [] };
  return { inventory, policy, unseal: pass.unseal, journal: createJournal(pass, signal) };
}
