import { conditionOf, type NewCondition } from "../../../api/conditions.ts";
import type { EnvironmentStatus } from "../../../api/environment/environment-status.ts";
import { formatRevision, shortRevision } from "../../../model/revision.ts";
import type { Subscription } from "../bindings/sources.ts";
import type { StatusChange } from "../decisions/decision.ts";

/** What of a subscription the status shows. */
export type SourceState = Pick<Subscription, "known" | "failure" | "remoteFailure" | "fetchedAt">;

/**
 * What the status says of the repository: its newest revision, or since when it cannot be fetched and what was known last.
 * The same as before as long as nothing changes, so that no interval costs a write.
 */
function sourceChange(source: SourceState, before: EnvironmentStatus): StatusChange {
  const condition = sourceCondition(source, before);
  const old = conditionOf(before, "SourceReady");
  const refusal = source.failure?.refused;
  const refused = refusal === before.refusedRevision ? {} : { refusedRevision: refusal ?? null };
  if (old?.status === condition.status && old.message === condition.message) {
    return { conditions: [condition], fields: refused };
  }
  const lastFetched = source.fetchedAt === undefined ? before.lastFetched : seconds(source.fetchedAt);
  return { conditions: [condition], fields: { lastFetched: lastFetched ?? null, ...refused } };
}

/** What follows from a pass for the status, with what is to be said of the repository. */
export function withSource(change: StatusChange, source: SourceState, before: EnvironmentStatus): StatusChange {
  const { conditions = [], fields } = sourceChange(source, before);
  return { conditions: [...(change.conditions ?? []), ...conditions], fields: { ...fields, ...change.fields } };
}

/** The event of a branch that was rewritten, in words; undefined where none was. */
export function rewriteMessage({ known }: Pick<SourceState, "known">): string | undefined {
  if (known?.rewrittenFrom === undefined) return undefined;
  const { ref, commit } = known.revision;
  const name = ref === "" ? "the branch" : `the branch ${ref}`;
  const [before, now] = [known.rewrittenFrom.slice(0, 7), commit.slice(0, 7)];
  return `${name} was rewritten: ${before} is no longer part of it, and ${now} is followed`;
}

function sourceCondition(source: SourceState, before: EnvironmentStatus): NewCondition {
  const { known, failure, remoteFailure } = source;
  if (failure !== undefined) {
    const at = source.fetchedAt === undefined ? before.lastFetched : seconds(source.fetchedAt);
    const revision = known === undefined ? before.lastAttemptedRevision : formatRevision(known.revision);
    const last =
      at === undefined || revision === undefined
        ? "nothing was fetched before"
        : `fetched last at ${at}: ${shortRevision(revision)}; what is in the cluster is kept`;
    return notReady(`${failure.message}; ${last}`);
  }
  if (remoteFailure !== undefined) return notReady(`${remoteFailure.message}; what was fetched before is used`);
  const revision = known === undefined ? "" : `fetched ${shortRevision(formatRevision(known.revision))}`;
  const message = [revision, rewriteMessage(source)].filter(Boolean).join("; ");
  return { type: "SourceReady", status: "True", reason: "Succeeded", message };
}

function notReady(message: string): NewCondition {
  return { type: "SourceReady", status: "False", reason: "SourceFailed", message };
}

function seconds(date: Date): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
