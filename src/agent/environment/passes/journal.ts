import { shortMessage } from "../../../api/conditions.ts";
import type { Environment } from "../../../api/environment/environment.ts";
import type { SnapshotStore } from "../../../environment/index.ts";
import type { Plan } from "../../../model/plan.ts";
import { shortRevision } from "../../../model/revision.ts";
import type { Journal } from "../../../rollout/index.ts";
import { rollingOut, underWay } from "../status/condition-sets.ts";
import type { NotableEvent } from "../status/decision.ts";
import { toStatusProblems, warningOf } from "../status/problems.ts";
import type { StatusWriter } from "../status/status.ts";
import { attemptStart, madeBy, madeFields } from "./attempt.ts";

/** Where a rollout's progress is written down. */
export interface JournalContext {
  readonly environment: Environment;
  readonly status: StatusWriter;
  readonly snapshots: SnapshotStore;
  readonly happen: (event: NotableEvent) => void;
}

/** A journal in the status of the Environment and in its snapshot: what an agent after this one goes by. */
export function createJournal(
  { environment, status, snapshots, happen }: JournalContext,
  signal: AbortSignal,
): Journal {
  const generation = environment.metadata.generation ?? 0;
  const begun = (revision: string, plan?: Pick<Plan, "actions">) => {
    const started = attemptStart(status, revision, generation).toISOString();
    return { revision, generation, started, ...madeFields(madeBy(status, plan)) };
  };
  return {
    async begin(revision, inventory, plan) {
      const message = rollingOut(shortRevision(revision));
      const fields = {
        observedGeneration: generation,
        lastAttemptedRevision: revision,
        lastAppliedRevision: revision,
        waitingRevision: null,
        problems: null,
        attempt: begun(revision, plan),
        inventory: { entries: [...inventory.entries] },
      };
      await status.write({ conditions: underWay(message), fields }, signal);
      happen({ type: "Normal", reason: "RolloutStarted", message, logOnly: true });
      const warning = warningOf(plan);
      if (warning !== undefined) happen(warning);
    },
    async found(revision, planned) {
      await status.write({ fields: { attempt: begun(revision, { actions: [planned] }) } }, signal);
    },
    async beginRollback(inventory) {
      await status.write({ fields: { inventory: { entries: [...inventory.entries] } } }, signal);
    },
    async failed(revision, cause, at) {
      const message = `revision ${shortRevision(revision)} failed: ${cause.message}`;
      const attempt = { ...begun(revision), failed: at.toISOString(), cause: shortMessage(cause.message) };
      const fields = {
        lastAttemptedRevision: revision,
        lastAppliedRevision: revision,
        failedRevision: revision,
        failedGeneration: generation,
        failedProblems: toStatusProblems(cause.problems),
        attempt,
      };
      await status.write({ conditions: underWay(message), fields }, signal);
    },
    made: () => madeBy(status),
    healthy: (snapshot) => snapshots.write(snapshot, signal),
  };
}
