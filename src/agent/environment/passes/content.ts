import { clusterVariables, desiredStages, isPinned } from "../../../environment/index.ts";
import { Failure } from "../../../model/failure.ts";
import { parseRevision } from "../../../model/revision.ts";
import type { DesiredStage, Snapshot } from "../../../rollout/index.ts";
import { isUnderWay } from "../status/attempt.ts";
import { type LatestRevision, latestRevision } from "./latest-revision.ts";
import type { ContentContext, PassContext } from "./pass-context.ts";
import { lookUp } from "./schedule.ts";

/** A revision, and its stages once they are needed. */
export interface Content {
  readonly revision: string;
  readonly stages: () => Promise<readonly DesiredStage[]>;
}

/** The newest revision. Throws as `latestRevision` does. */
export async function latestContent(pass: PassContext, signal: AbortSignal): Promise<Content> {
  const newest = await latestRevision(pass, signal);
  return { revision: newest.revision, stages: () => stagesOf(pass, newest, signal) };
}

/** What the Environment is at a revision: as rendered, still sealed. Throws as `desiredStages` does. */
export async function stagesOf(
  context: ContentContext,
  latest: LatestRevision,
  signal: AbortSignal,
): Promise<readonly DesiredStage[]> {
  const tools = { ...context, variables: clusterVariables(context.cluster) };
  return desiredStages(context.environment, latest, tools, signal);
}

/** The pinned revision out of the snapshot, where that holds it; else what was thrown is thrown on. */
export function pinnedContent({ environment }: PassContext, snapshot: Snapshot | undefined, thrown: unknown): Content {
  const commit = environment.spec.source.ref?.commit;
  if (snapshot === undefined || parseRevision(snapshot.revision)?.commit !== commit) throw thrown;
  return { revision: `sha1:${commit}`, stages: async () => snapshot.stages };
}

/**
 * When the window opens that a new revision waits for; undefined where it need not wait: what was begun is finished, and
 * a pin is a decision by hand. Throws as `lookUp` does.
 */
export async function nextWindow({ environment, status }: ContentContext): Promise<Date | undefined> {
  const opening = await lookUp(environment.spec.schedule ?? [], new Date());
  return opening.open || isUnderWay(status.current) || isPinned(environment) ? undefined : opening.next;
}

/** The content that a rollback goes to; undefined where there is none, rollback is off, or the revision is pinned. */
export function rollbackTarget({ environment }: ContentContext, snapshot: Snapshot | undefined): Snapshot | undefined {
  return environment.spec.rollback === "auto" && !isPinned(environment) ? snapshot : undefined;
}

/** A revision failed, and what followed from it has not come to its end. */
export function isGoingBack({ status, environment }: PassContext): boolean {
  const { attempt, failedGeneration } = status.current;
  return attempt?.failed !== undefined && failedGeneration === environment.metadata.generation;
}

/** Tells whether a revision failed under the spec as it is. */
export function hasFailed(pass: ContentContext, revision: string): boolean {
  const { failedRevision, failedGeneration } = pass.status.current;
  return failedRevision === revision && failedGeneration === pass.environment.metadata.generation;
}

/**
 * An Environment that nothing was applied of has none. One that cannot be used is an event and counts as none: there is nothing
 * to go back to, and the next healthy rollout writes a new one.
 */
export async function lastHealthy(pass: ContentContext, signal: AbortSignal): Promise<Snapshot | undefined> {
  const { lastAppliedRevision, lastHealthyRevision } = pass.status.current;
  if (lastAppliedRevision === undefined && lastHealthyRevision === undefined) return undefined;
  try {
    return await pass.snapshots.read(signal);
  } catch (thrown) {
    if (!(thrown instanceof Failure) || thrown.code !== "SnapshotInvalid") throw thrown;
    pass.record({ type: "Warning", reason: "SnapshotInvalid", message: thrown.message, standalone: true });
    return undefined;
  }
}
