import { conditionOf, type NewCondition, shortMessage } from "../../../api/conditions.ts";
import type { Environment } from "../../../api/environment/environment.ts";
import type { Attempt, EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import type { Failure } from "../../../model/failure.ts";
import type { Inventory } from "../../../model/inventory.ts";
import type { Plan, PlannedAction } from "../../../model/plan.ts";
import { shortRevision } from "../../../model/revision.ts";
import type { StatusChange, StatusWriter } from "../decisions/decision.ts";
import { attemptStart, madeBy, madeFields, resetAttempt } from "./attempt.ts";
import { notHeld, progressing, rollingOut, suspended, underWay } from "./condition-sets.ts";
import { toStatusProblems } from "./problems.ts";

/** What the status must say before a pass goes on, so that the next agent knows it. */
export type Progress =
  | { readonly type: "suspended" }
  | { readonly type: "resumed" }
  /** Somebody asked for a pass, with this value of the annotation. */
  | { readonly type: "requested"; readonly request: string }
  | { readonly type: "webhookPath"; readonly path: string | undefined }
  /** A revision waits for the schedule. */
  | { readonly type: "outsideSchedule"; readonly revision: string; readonly opens: Date }
  /** A deletion that was held goes on. */
  | { readonly type: "deletionApproved" }
  /** The Environment owns these objects, before anything is done with them. */
  | { readonly type: "owned"; readonly inventory: Inventory }
  | {
      readonly type: "rolloutBegun";
      readonly revision: string;
      readonly inventory: Inventory;
      readonly plan: Pick<Plan, "actions">;
    }
  /** What was to be created came to be in between. */
  | { readonly type: "objectFound"; readonly revision: string; readonly planned: PlannedAction }
  | { readonly type: "rolloutFailed"; readonly revision: string; readonly cause: Failure; readonly at: Date };

/** What a progress starts from. */
export interface ProgressInput {
  readonly before: EnvironmentStatus;
  readonly generation: number;
  readonly now: Date;
}

/** The status that a progress makes; undefined where it says so already. */
export function decideProgress(progress: Progress, at: ProgressInput): StatusChange | undefined {
  const { before, generation } = at;
  switch (progress.type) {
    case "suspended":
      if (conditionOf(before, "Reconciling")?.status !== "True") return undefined;
      return { conditions: suspended(attemptedBy(before)) };
    case "resumed":
      // What goes on may have nothing more to write before it is healthy.
      if (conditionOf(before, "Ready")?.reason !== "Suspended") return undefined;
      return { conditions: underWay(rollingOut(attemptedBy(before))) };
    case "requested":
      return requested(progress.request, at);
    case "webhookPath":
      if (progress.path === before.webhookPath) return undefined;
      return { fields: { webhookPath: progress.path ?? null } };
    case "outsideSchedule":
      return outsideSchedule(progress.revision, progress.opens);
    case "deletionApproved":
      return conditionOf(before, "Held")?.status === "True" ? { conditions: [notHeld] } : undefined;
    case "owned":
      return { fields: { inventory: { entries: [...progress.inventory.entries] } } };
    case "rolloutBegun":
      return {
        conditions: underWay(rollingOut(shortRevision(progress.revision))),
        fields: {
          observedGeneration: generation,
          lastAttemptedRevision: progress.revision,
          lastAppliedRevision: progress.revision,
          waitingRevision: null,
          problems: null,
          attempt: attemptOf(progress.revision, at, progress.plan),
          inventory: { entries: [...progress.inventory.entries] },
        },
      };
    case "objectFound":
      return { fields: { attempt: attemptOf(progress.revision, at, { actions: [progress.planned] }) } };
    case "rolloutFailed":
      return rolloutFailed(progress, at);
  }
}

/** Writes a progress in one request, or in none where the status says so already. Throws as `StatusWriter.write` does. */
export async function writeProgress(
  {
    environment,
    status,
  }: { readonly environment: Pick<Environment, "metadata">; readonly status: Pick<StatusWriter, "current" | "write"> },
  progress: Progress,
  signal: AbortSignal,
): Promise<void> {
  const generation = environment.metadata.generation ?? 0;
  const change = decideProgress(progress, { before: status.current, generation, now: new Date() });
  if (change !== undefined) await status.write(change, signal);
}

function requested(request: string, { before, now }: ProgressInput): StatusChange {
  return {
    conditions: [progressing("reconcile requested")],
    fields: {
      lastHandledRequest: request,
      failedRevision: null,
      failedGeneration: null,
      ...resetAttempt(before, now),
    },
  };
}

function outsideSchedule(revision: string, opens: Date): StatusChange {
  const message = `revision ${shortRevision(revision)} waits for the schedule, which opens at ${opens.toISOString()}`;
  const held: NewCondition = { type: "Held", status: "True", reason: "OutsideSchedule", message };
  return { conditions: [held], fields: { waitingRevision: revision } };
}

function rolloutFailed(
  { revision, cause, at: failedAt }: Extract<Progress, { type: "rolloutFailed" }>,
  at: ProgressInput,
): StatusChange {
  const message = `revision ${shortRevision(revision)} failed: ${cause.message}`;
  return {
    conditions: underWay(message),
    fields: {
      lastAttemptedRevision: revision,
      lastAppliedRevision: revision,
      failedRevision: revision,
      failedGeneration: at.generation,
      failedProblems: toStatusProblems(cause.problems),
      attempt: { ...attemptOf(revision, at), failed: failedAt.toISOString(), cause: shortMessage(cause.message) },
    },
  };
}

function attemptOf(
  revision: string,
  { before, generation, now }: ProgressInput,
  plan?: Pick<Plan, "actions">,
): Attempt {
  const started = attemptStart(before, revision, generation, now).toISOString();
  return { revision, generation, started, ...madeFields(madeBy(before, plan)) };
}

/** The revision of the attempt under way, in short. */
function attemptedBy({ attempt, lastAttemptedRevision }: EnvironmentStatus): string {
  return shortRevision(attempt?.revision ?? lastAttemptedRevision ?? "");
}
