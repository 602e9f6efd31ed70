import type { Attempt, EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import { formatId } from "../../../model/object-id.ts";
import type { Action, Plan } from "../../../model/plan.ts";
import type { Made } from "../../../rollout/index.ts";
import type { StatusChange } from "../decisions/decision.ts";

/** A rollout was begun and did not end: its content may be in the cluster although the snapshot is another. */
export function isUnderWay({ attempt }: EnvironmentStatus): boolean {
  return attempt !== undefined;
}

/** Since when a revision is rolled out under a spec; that may have begun before the agent was restarted. */
export function attemptStart({ attempt }: EnvironmentStatus, revision: string, generation: number, now: Date): Date {
  const resumed = attempt?.revision === revision && attempt.generation === generation && attempt.failed === undefined;
  return resumed ? new Date(attempt.started) : now;
}

/** What becomes of an attempt when another try is requested: it begins again. */
export function resetAttempt({ attempt }: EnvironmentStatus, now: Date): NonNullable<StatusChange["fields"]> {
  const again = attempt === undefined ? null : { ...pick(attempt), started: now.toISOString() };
  return { attempt: again, failedReason: null, failedMessage: null, failedProblems: null };
}

function pick({ revision, generation, found = [], created }: Attempt) {
  return { revision, generation, ...madeFields({ found, created }) };
}

/** A status has room for so many bytes of ids beside the inventory. */
const mostBytes = 200_000;

/**
 * What attempts since the last healthy revision made the environment's own: what those before found or created, and what
 * this plan will. Nothing is known of what is created where there is nothing to go back to, where an attempt began
 * without it, or where it is too much for the status.
 */
export function madeBy({ attempt, lastHealthyRevision }: EnvironmentStatus, plan?: Pick<Plan, "actions">): Made {
  const ids = (wanted: (action: Action) => boolean) =>
    (plan?.actions ?? []).filter(({ action }) => wanted(action)).map(({ id }) => formatId(id));
  const found = ids((action) => action.type === "update" && action.found === true);
  const created = ids(({ type }) => type === "create");
  const known = lastHealthyRevision !== undefined && (attempt === undefined || attempt.created !== undefined);
  const all = [...new Set([...(attempt?.created ?? []), ...created])];
  const fits = all.reduce((sum, id) => sum + id.length + 3, 0) <= mostBytes;
  return { found: [...new Set([...(attempt?.found ?? []), ...found])], created: known && fits ? all : undefined };
}

/** The same as it stands in the status. */
export function madeFields({ found, created }: Made): Pick<Attempt, "found" | "created"> {
  return {
    ...(found.length === 0 ? {} : { found: [...found] }),
    ...(created === undefined ? {} : { created: [...created] }),
  };
}
