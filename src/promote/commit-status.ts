import { conditionOf } from "../api/conditions.ts";
import type { Environment } from "../api/environment/environment.ts";
import type { EnvironmentStatus } from "../api/environment/environment-status.ts";
import { parseRevision } from "../model/revision.ts";
import { type CommitStatus, shortDescription } from "./forge/forge.ts";

/** The status that a commit should have on the forge. */
export interface WantedStatus {
  readonly sha: string;
  readonly status: CommitStatus;
}

/**
 * The context of an Environment's statuses: `mooring/<cluster>/<namespace>:<environment>`, so that neither another cluster's
 * agent nor an Environment of the same name in another namespace writes over them. What goes without saying is left out.
 */
export function statusContext(
  { name, namespace }: { readonly name: string; readonly namespace: string },
  agent: { readonly clusterName: string | undefined; readonly namespace: string },
): string {
  const cluster = agent.clusterName === undefined ? "" : `${agent.clusterName}/`;
  return `mooring/${cluster}${namespace === agent.namespace ? "" : `${namespace}:`}${name}`;
}

type Word = Pick<CommitStatus, "state" | "description">;

/**
 * What an Environment says of every commit that it rolled out and still remembers, and of the newest one where that was not
 * rolled out, one status a commit. Made of its status
 * alone, so that it is the same after a restart; holds no times, so that it changes only with what happened.
 */
export function wantedStatuses({ status }: Pick<Environment, "status">, context: string): readonly WantedStatus[] {
  const words = new Map<string, Word>();
  const say = (revision: string | undefined, state: CommitStatus["state"], description: string): void => {
    const sha = parseRevision(revision ?? "")?.commit;
    if (sha !== undefined) words.set(sha, { state, description: shortDescription(description) });
  };
  // Later words take the place of earlier ones: the oldest rollout is told first, how things are now last.
  for (const { revision, outcome, message } of [...(status.history ?? [])].reverse()) {
    if (outcome === "Succeeded") say(revision, "success", "healthy when it was rolled out");
    else say(revision, "failure", `${outcomes[outcome]}${message ?? "it failed"}`);
  }
  sayNow(status, say);
  return [...words].map(([sha, word]) => ({ sha, status: { context, ...word } }));
}

const outcomes = { Failed: "", RolledBack: "rolled back: ", RollbackFailed: "" } as const;

type Say = (revision: string | undefined, state: CommitStatus["state"], description: string) => void;

function sayNow(status: EnvironmentStatus, say: Say): void {
  const { attempt, lastAppliedRevision, lastHealthyRevision, failedRevision } = status;
  const healthy = conditionOf(status, "Healthy");
  const newer = notRolledOut(status);
  if (attempt?.failed !== undefined) {
    say(attempt.revision, "failure", `failed, and is rolled back: ${attempt.cause ?? ""}`);
  } else if (attempt !== undefined) {
    say(attempt.revision, "pending", "being rolled out");
  } else if (lastAppliedRevision === lastHealthyRevision && lastAppliedRevision !== failedRevision) {
    const kept =
      newer === undefined ? "" : `, and kept while ${commitOf(newer.revision)?.slice(0, 7)} is not rolled out`;
    if (healthy?.status === "True") say(lastAppliedRevision, "success", `healthy${kept}`);
    if (healthy?.status === "False") say(lastAppliedRevision, "failure", `unhealthy: ${healthy.message}`);
  }
  if (newer !== undefined) say(newer.revision, newer.state, newer.description);
}

interface NotRolledOut extends Word {
  readonly revision: string;
}

/**
 * The newest revision, where nothing of it was written: its signature, its files or the API server stand against it, or it waits
 * for something.
 */
function notRolledOut(status: EnvironmentStatus): NotRolledOut | undefined {
  const { attempt, lastAttemptedRevision, lastAppliedRevision, failedRevision, refusedRevision, waitingRevision } =
    status;
  const [ready, held, source] = [
    conditionOf(status, "Ready"),
    conditionOf(status, "Held"),
    conditionOf(status, "SourceReady"),
  ];
  if (refusedRevision !== undefined) {
    return { revision: refusedRevision, state: "failure", description: source?.message ?? "it is refused" };
  }
  if (waitingRevision !== undefined && held?.status === "True") {
    return { revision: waitingRevision, state: "pending", description: held.message };
  }
  const known = [lastAppliedRevision, failedRevision, attempt?.revision].map(commitOf);
  if (lastAttemptedRevision === undefined || ready?.status !== "False") return undefined;
  if (held?.status === "True" && held.reason === "DeletionHeld") {
    return { revision: lastAttemptedRevision, state: "pending", description: `waits for an approval: ${held.message}` };
  }
  if (known.includes(commitOf(lastAttemptedRevision))) return undefined;
  const state = passing.has(ready.reason) ? "pending" : "failure";
  return { revision: lastAttemptedRevision, state, description: ready.message };
}

/** What goes by without another commit, for all that is known of it. */
const passing: ReadonlySet<string> = new Set([
  ...["DependencyNotReady", "ClusterUnreachable", "SourceFailed", "ApplyFailed", "InternalError", "Progressing"],
]);

function commitOf(revision: string | undefined): string | undefined {
  return parseRevision(revision ?? "")?.commit;
}
