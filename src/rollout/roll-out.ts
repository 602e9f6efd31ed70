import { type Failure, failureClasses, toFailure } from "../model/failure.ts";
import type { Inventory } from "../model/inventory.ts";
import type { Plan, PlannedAction } from "../model/plan.ts";
import type { RollbackScope } from "../plan/index.ts";
import type { DesiredStage } from "../sandbox/index.ts";
import { type Advanced, advance } from "./advance.ts";
import type { Unseal } from "./observe/desired.ts";
import type { Outcome } from "./outcome.ts";
import type { Policy } from "./policy.ts";
import { type Prepared, prepare } from "./prepare.ts";
import type { Snapshot } from "./snapshot/read-snapshot.ts";
import type { ApplyTarget } from "./target/apply-target.ts";

/** What an attempt found in the cluster or created. Inventory ids. */
export interface Made {
  readonly found: readonly string[];
  /** Undefined where that was not recorded. */
  readonly created: readonly string[] | undefined;
}

/** What a rollout records while it runs, so that a restart can continue it. Every call is awaited before the next write. */
export interface Journal {
  /** Before the first write of a revision: from now on it is in the cluster, and owns this at most. */
  begin(revision: string, inventory: Inventory, plan: Plan): Promise<void>;
  /** Before an object is changed that was to be created: somebody else made it meanwhile, so a rollback must not delete it. */
  found(revision: string, planned: PlannedAction): Promise<void>;
  /** Before the first write of a rollback: until it is done, the failed revision counts as what is in the cluster. */
  beginRollback(inventory: Inventory): Promise<void>;
  /** The revision failed at this time; a rollback may follow. */
  failed(revision: string, cause: Failure, at: Date): Promise<void>;
  /** What the present attempt found in the cluster or created, and so made the Environment's own. */
  made(): Made;
  /** The revision is proven healthy: keep its snapshot. */
  healthy(snapshot: Snapshot): Promise<void>;
}

/** A revision to roll out. */
export interface Attempt {
  readonly revision: string;
  /** As rendered, still sealed. */
  readonly stages: readonly DesiredStage[];
  readonly inventory: Inventory;
  readonly policy: Policy;
  /** When the attempt began, maybe before a restart. */
  readonly since: Date;
  readonly unseal: Unseal;
  readonly journal: Journal;
  /** What to roll back to; undefined where no revision was healthy yet, or rollback is off. */
  readonly lastHealthy: Snapshot | undefined;
}

/**
 * Rolls a revision out, and back when it fails. A *failure* (an object is rejected after something was written, health
 * failed or timed out) rolls back to the last healthy snapshot; an *error* (the API is unreachable, an interruption) is
 * thrown and leaves things as they are, as is a failure before the first write.
 */
export async function rollOut(target: ApplyTarget, attempt: Attempt, signal: AbortSignal): Promise<Outcome> {
  const prepared = await prepare(target, attempt, signal);
  if (prepared.plan.hold !== undefined) return { type: "held", revision: attempt.revision, plan: prepared.plan };
  let owned = attempt.inventory;
  const onBegin = (widened: Inventory) => {
    owned = widened;
  };
  try {
    const done = await advanceTo(target, prepared, { ...attempt, onBegin }, signal);
    await attempt.journal.healthy({ revision: attempt.revision, stages: attempt.stages });
    return { type: "rolledOut", revision: attempt.revision, ...done };
  } catch (thrown) {
    const cause = toFailure(thrown);
    if (signal.aborted || failureClasses[cause.code].nature === "error") throw cause;
    return fail(target, { ...attempt, inventory: owned }, cause, signal);
  }
}

/** Records that a revision failed after some of it was written, and rolls back where there is a healthy snapshot. Throws as `rollBack`. */
export async function fail(
  target: ApplyTarget,
  attempt: Omit<Attempt, "stages" | "since">,
  cause: Failure,
  signal: AbortSignal,
): Promise<Outcome> {
  const { revision: failed, lastHealthy } = attempt;
  const since = new Date();
  await attempt.journal.failed(failed, cause, since);
  if (lastHealthy === undefined) return { type: "failed", failed, cause };
  return rollBack(target, { ...attempt, failed, lastHealthy, since, cause }, signal);
}

/** A failed revision to roll back from. */
export interface Rollback extends Omit<Attempt, "stages" | "revision"> {
  readonly failed: string;
  readonly lastHealthy: Snapshot;
  readonly cause: Failure;
  /** When the revision failed, and so the rollback began. */
  readonly since: Date;
}

/**
 * The same flow with the last healthy snapshot: restores its objects, deletes those that only the failed revision had, and
 * proves health again. A rollback is never rolled back. Independent of Git. Throws `Failure` for an error, as `rollOut` does.
 */
export async function rollBack(target: ApplyTarget, rollback: Rollback, signal: AbortSignal): Promise<Outcome> {
  const { failed, cause, lastHealthy } = rollback;
  const { found, created } = rollback.journal.made();
  const scope: RollbackScope = { found: new Set(found), created: created && new Set(created) };
  const policy: Policy = { ...rollback.policy, rollback: scope };
  const begin: Journal["begin"] = (_revision, inventory) => rollback.journal.beginRollback(inventory);
  // A rollback is never rolled back, so what it finds need not be recorded.
  const journal = { ...rollback.journal, begin, found: async () => undefined };
  const back = {
    ...rollback,
    policy,
    journal,
    revision: lastHealthy.revision,
    stages: lastHealthy.stages,
  };
  try {
    const prepared = await prepare(target, back, signal);
    const done = await advanceTo(target, prepared, { ...back, isRollback: true }, signal);
    const { inventory, plan, pruneFailure } = done;
    return { type: "rolledBack", failed, to: lastHealthy.revision, cause, inventory, plan, pruneFailure };
  } catch (thrown) {
    const rollbackCause = toFailure(thrown);
    if (signal.aborted || failureClasses[rollbackCause.code].nature === "error") throw rollbackCause;
    return { type: "rollbackFailed", failed, to: lastHealthy.revision, cause, rollbackCause };
  }
}

async function advanceTo(
  target: ApplyTarget,
  prepared: Prepared,
  attempt: Pick<Attempt, "revision" | "inventory" | "since" | "journal"> & {
    readonly onBegin?: (inventory: Inventory) => void;
    readonly isRollback?: boolean;
  },
  signal: AbortSignal,
): Promise<Advanced> {
  const { revision, inventory, since, journal, isRollback = false } = attempt;
  const beforeWriting = async (widened: Inventory, plan: Plan) => {
    await journal.begin(revision, widened, plan);
    attempt.onBegin?.(widened);
  };
  const onFound = (planned: PlannedAction) => journal.found(revision, planned);
  return advance(target, prepared, { inventory, since, isRollback, beforeWriting, onFound }, signal);
}
