import type { Environment } from "../../../api/environment/environment.ts";
import type { SnapshotStore } from "../../../environment/index.ts";
import { shortRevision } from "../../../model/revision.ts";
import type { Journal } from "../../../rollout/index.ts";
import type { NotableEvent, StatusWriter } from "../decisions/decision.ts";
import { madeBy } from "../status/attempt.ts";
import { rollingOut } from "../status/condition-sets.ts";
import { warningOf } from "../status/problems.ts";
import { type Progress, writeProgress } from "../status/progress.ts";

/** Where a rollout's progress is kept. */
export interface JournalContext {
  readonly environment: Environment;
  readonly status: Pick<StatusWriter, "current" | "write">;
  readonly snapshots: SnapshotStore;
  readonly record: (event: NotableEvent) => void;
}

/** A journal in the status of the Environment and in its snapshot: what an agent after this one goes by. */
export function createJournal(context: JournalContext, signal: AbortSignal): Journal {
  const { status, snapshots, record } = context;
  const write = (progress: Progress) => writeProgress(context, progress, signal);
  return {
    async begin(revision, inventory, plan) {
      await write({ type: "rolloutBegun", revision, inventory, plan });
      const message = rollingOut(shortRevision(revision));
      record({ type: "Normal", reason: "RolloutStarted", message, logOnly: true });
      const warning = warningOf(plan);
      if (warning !== undefined) record(warning);
    },
    found: (revision, planned) => write({ type: "objectFound", revision, planned }),
    beginRollback: (inventory) => write({ type: "owned", inventory }),
    failed: (revision, cause, at) => write({ type: "rolloutFailed", revision, cause, at }),
    made: () => madeBy(status.current),
    healthy: (snapshot) => snapshots.write(snapshot, signal),
  };
}
