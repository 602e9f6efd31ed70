import { type Failure, failureClasses, toFailure } from "../model/failure.ts";
import type { Inventory } from "../model/inventory.ts";
import type { Plan, PlannedAction } from "../model/plan.ts";
import type { DesiredStage } from "../sandbox/index.ts";
import { type Advanced, advance } from "./advance.ts";
import type { Unseal } from "./observe/desired.ts";
import type { Outcome } from "./outcome.ts";
import type { Policy } from "./policy.ts";
import { type Prepared, prepare } from "./prepare.ts";
import type { Snapshot } from "./snapshot/read-snapshot.ts";
import type { ApplyTarget } from "./target/apply-target.ts";

/** Inventory ids. */
export interface Made {
  readonly found: readonly string[];
  /** Undefined where it is not known. */
  readonly created: readonly string[] | undefined;
}

/** What a rollout tells while it runs, so that a restart finds its way. Every call is awaited before the next write. */
export interface Journal {
  /** Before the first write of a revision: it is now what is in the cluster, and this is what it owns at most. */
  begin(revision: string, inventory: Inventory, plan: Plan): Promise<void>;
  /** Before an object is changed that was to be made: it came to be there meanwhile, and a rollback must not delete it. */
  found(revision: string, planned: PlannedAction): Promise<void>;
  /** Before the first write of a rollback: the failed revision still counts as what is in the cluster, until it is done. */
  beginRollback(inventory: Inventory): Promise<void>;
  /** The revision failed, then; a rollback may follow. */
  failed(revision: string, cause: Failure, at: Date): Promise<void>;
  /** What the attempt under way found in the cluster or created, and so made the environment's own. */
  made(): Made;
  /** The revision is proven healthy: keep what it looks like. */
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
  /** Where to go back to; absent where there is no healthy revision yet, or rollback is off. */
  readonly lastHealthy: Snapshot | undefined;
}

/**
 * Rolls a revision out, and back when it fails. A *failure* (an object is rejected after something was written, health
 * failed or timed out) goes back to the last healthy snapshot; an *error* (the API is away, an interruption) is thrown and
 * leaves things as they are, as is a failure before the first write.
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

/** Remembers that a revision failed after something of it had been written, and goes back where there is something to go back to. */
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

/** A revision to go back from. */
export interface Rollback extends Omit<Attempt, "stages" | "revision"> {
  readonly failed: string;
  readonly lastHealthy: Snapshot;
  readonly cause: Failure;
  /** When the revision failed, and so the rollback began. */
  readonly since: Date;
}

/**
 * The same flow with the last healthy snapshot: its objects back, those that only the failed revision had removed, health
 * proven again. Never rolls back in turn. Independent of Git.
 */
export async function rollBack(target: ApplyTarget, rollback: Rollback, signal: AbortSignal): Promise<Outcome> {
  const { failed, cause, lastHealthy } = rollback;
  const { found, created } = rollback.journal.made();
  const goingBack = { found: new Set(found), created: created && new Set(created) };
  const policy = { ...rollback.policy, goingBack };
  const begin: Journal["begin"] = (_revision, inventory) => rollback.journal.beginRollback(inventory);
  // Nothing goes back from a rollback.
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
    const done = await advanceTo(target, prepared, { ...back, goingBack: true }, signal);
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
    readonly goingBack?: boolean;
  },
  signal: AbortSignal,
): Promise<Advanced> {
  const { revision, inventory, since, journal, goingBack = false } = attempt;
  const beforeWriting = async (widened: Inventory, plan: Plan) => {
    await journal.begin(revision, widened, plan);
    attempt.onBegin?.(widened);
  };
  const onFound = (planned: PlannedAction) => journal.found(revision, planned);
  return advance(target, prepared, { inventory, since, goingBack, beforeWriting, onFound }, signal);
}
