import type { Attempt } from "../api/environment-status.ts";
import { formatId } from "../model/object-id.ts";
import type { Plan } from "../model/plan.ts";
import type { StatusChange, StatusWriter } from "./status.ts";

/** A rollout was begun and did not end: its content may be in the cluster although the snapshot is another. */
export function isUnderWay({ current }: StatusWriter): boolean {
  return current.attempt !== undefined;
}

/** Since when a revision is rolled out under a spec; that may have begun before the agent was restarted. */
export function attemptStart({ current }: StatusWriter, revision: string, generation: number): Date {
  const { attempt } = current;
  const resumed = attempt?.revision === revision && attempt.generation === generation && attempt.failed === undefined;
  return resumed ? new Date(attempt.started) : new Date();
}

/** What becomes of an attempt when somebody asks for another try: it begins again. */
export function askedAgain({ current }: StatusWriter): NonNullable<StatusChange["fields"]> {
  const { attempt } = current;
  const again = attempt === undefined ? null : { ...pick(attempt), started: new Date().toISOString() };
  return { attempt: again, failedReason: null, failedMessage: null, failedProblems: null };
}

function pick({ revision, generation, found }: Attempt) {
  return { revision, generation, ...(found === undefined ? {} : { found }) };
}

/**
 * What attempts since the last healthy revision found in the cluster and made the environment's own: what those before
 * found, and what this plan will find.
 */
export function foundBy({ current }: StatusWriter, plan?: Plan): readonly string[] {
  const found = (plan?.actions ?? []).filter(({ action }) => action.type === "update" && action.found);
  return [...new Set([...(current.attempt?.found ?? []), ...found.map(({ id }) => formatId(id))])];
}
