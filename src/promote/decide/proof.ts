import { conditionOf } from "../../api/conditions.ts";
import type { Environment } from "../../api/environment/environment.ts";
import { environmentAnnotations } from "../../api/names.ts";
import type { Evidence } from "../../api/promotion/promotion-status.ts";
import { isPinned } from "../../environment/index.ts";
import { parseRevision, shortRevision } from "../../model/revision.ts";

/** A revision that an Environment runs in good health, and how that is known. */
export interface Proven {
  /** 40 hex digits. */
  readonly commit: string;
  readonly evidence: Evidence;
}

/** What an Environment shows of the revision in it. */
export type Proof =
  | ({ readonly type: "proven" } & Proven)
  /** Healthy, but not for as long as asked. */
  | ({ readonly type: "soaking"; readonly until: Date } & Proven)
  | { readonly type: "unproven"; readonly message: string };

/**
 * Tells what an Environment proves: a revision is proven when it was applied, passed the health gate, has been healthy for
 * `soakMs` without a break, and is so now. Never one that failed or was rolled back, nor what somebody pinned.
 */
export function proofOf(environment: Environment, soakMs: number, now: Date): Proof {
  const { status } = environment;
  const obstacle = obstacleOf(environment);
  if (obstacle !== undefined) return { type: "unproven", message: obstacle };
  const revision = status.lastHealthyRevision ?? "";
  const commit = parseRevision(revision)?.commit;
  const since = healthySince(environment);
  if (commit === undefined || since === undefined)
    return { type: "unproven", message: "nothing has been rolled out yet" };
  const digest = status.history?.find(({ outcome }) => outcome === "Succeeded")?.digest ?? "";
  const { namespace, name } = environment.metadata;
  const evidence = { environment: `${namespace}/${name}`, revision, digest, since: since.toISOString() };
  const until = new Date(since.getTime() + soakMs);
  return until > now ? { type: "soaking", until, commit, evidence } : { type: "proven", commit, evidence };
}

/** Whether a commit failed in an Environment when it was last tried there. */
export function failedIn({ status }: Pick<Environment, "status">, commit: string): boolean {
  const isIt = (revision: string | undefined) => parseRevision(revision ?? "")?.commit === commit;
  const last = status.history?.find(({ revision }) => isIt(revision));
  return isIt(status.failedRevision) || (last !== undefined && last.outcome !== "Succeeded");
}

function obstacleOf(environment: Environment): string | undefined {
  const { metadata, spec, status } = environment;
  if (metadata.deletionTimestamp !== undefined) return "the environment is being deleted";
  if (spec.suspend) return "the environment is suspended";
  if (isPinned(environment)) return "the environment is pinned";
  if (status.attempt !== undefined) return `revision ${shortRevision(status.attempt.revision)} is being rolled out`;
  if (status.observedGeneration !== metadata.generation) return "its spec has changed and has not been reconciled yet";
  const [ready, healthy] = [conditionOf(environment.status, "Ready"), conditionOf(environment.status, "Healthy")];
  if (ready?.status !== "True")
    return `the environment is not ready: ${ready?.message ?? "nothing has been rolled out yet"}`;
  if (healthy?.status !== "True")
    return `the environment is not healthy: ${healthy?.message ?? "no rollout has become healthy yet"}`;
  if (conditionOf(environment.status, "Drifted")?.status === "True") return "it has drifted from its revision";
  const { lastAppliedRevision, lastHealthyRevision = "" } = status;
  if (lastAppliedRevision !== lastHealthyRevision) return "its current revision is not its last healthy one";
  const commit = parseRevision(lastHealthyRevision)?.commit;
  return commit !== undefined && failedIn(environment, commit) ? "its revision failed before" : undefined;
}

/** Since the last rollout ended, or it became healthy again after that. A commit that changed nothing here began nothing. */
function healthySince(environment: Environment): Date | undefined {
  const [last] = environment.status.history ?? [];
  if (last === undefined) return undefined;
  const recovered = Date.parse(conditionOf(environment.status, "Healthy")?.lastTransitionTime ?? "");
  const times = [Date.parse(last.finished), recovered].filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : new Date(Math.max(...times));
}

/** What of an Environment a proof depends on, as a text to compare: another text is a reason to look again. */
export function proofKey({ metadata, spec, status }: Environment): string {
  const { generation, deletionTimestamp, annotations } = metadata;
  const conditions = (status.conditions ?? []).map(({ type, status: is, message, lastTransitionTime }) => {
    return [type, is, lastTransitionTime, is === "False" ? message : ""];
  });
  const revisions = [status.lastAppliedRevision, status.lastHealthyRevision, status.failedRevision];
  const rollout = [status.observedGeneration, status.attempt?.revision, status.history?.[0]?.finished];
  const asked = [generation, deletionTimestamp, spec.suspend, annotations?.[environmentAnnotations.pin]];
  return JSON.stringify([asked, conditions, revisions, rollout]);
}
