import type { Environment } from "../../api/environment/environment.ts";
import { parseRevision } from "../../model/revision.ts";
import type { PullRequest } from "../forge/forge.ts";
import { code, type Markdown, markdown, prose } from "../text/markdown.ts";
import { proposeRestoration, type Restoration, type RestoreTools } from "./restore.ts";

/** A commit that was rolled back, and what is healthy instead. */
export interface BadCommit {
  readonly branch: string;
  readonly commit: string;
  /** Where the environment went back to; undefined where that is forgotten. */
  readonly healthy: string | undefined;
  readonly cause: string;
  /** It was tried again since, and became healthy. */
  readonly recovered: boolean;
  readonly failedAt: Date;
}

/** What was done about a bad commit. `none`: it is proposed already, was turned down, or the branch has left it behind. */
export interface RevertOutcome {
  readonly action: "opened" | "closed" | "none";
  readonly request: PullRequest | undefined;
  /** Nothing more will come of it. */
  readonly settled: boolean;
}

/** The newest rollback that an Environment remembers and that concerns a branch; undefined where there was none. */
export function badCommitOf({ spec, status }: Pick<Environment, "spec" | "status">): BadCommit | undefined {
  const rolledBack = status.history?.findIndex(({ outcome }) => outcome === "RolledBack") ?? -1;
  const entry = status.history?.[rolledBack];
  const bad = parseRevision(entry?.revision ?? "");
  const { tag, semver, commit, name } = spec.source.ref ?? {};
  const followsBranch = [tag, semver, commit, name].every((each) => each === undefined);
  if (entry === undefined || bad === undefined || bad.ref === "" || bad.ref === "HEAD" || !followsBranch) {
    return undefined;
  }
  const isStillBad = status.failedRevision === entry.revision;
  const recovered = (status.history ?? [])
    .slice(0, rolledBack)
    .some(({ outcome, revision }) => outcome === "Succeeded" && revision === entry.revision);
  return {
    branch: bad.ref,
    commit: bad.commit,
    healthy: isStillBad ? parseRevision(status.lastHealthyRevision ?? "")?.commit : undefined,
    cause: entry.message ?? "",
    recovered,
    failedAt: new Date(entry.finished),
  };
}

/** The branch that a bad commit's revert comes from; several branches may have the same commit. */
function revertBranch({ branch, commit }: BadCommit): string {
  return `mooring/revert-${branch}-${commit.slice(0, 7)}`;
}

/**
 * Proposes to go back from a bad commit while it is the newest of its branch: once, whatever becomes of the pull request.
 * When the branch has moved on, an open one is closed. Throws as `Forge` and `Remote` do.
 */
export async function revert(
  bad: BadCommit,
  environment: string,
  tools: RestoreTools,
  signal: AbortSignal,
): Promise<RevertOutcome> {
  const { forge, remote } = tools;
  const head = revertBranch(bad);
  const known = await forge.findPullRequest({ head, base: bad.branch }, signal);
  if (known !== undefined && known.state !== "open") return { action: "none", request: known, settled: true };
  const now = await forge.branchHead(bad.branch, signal);
  if (now === bad.commit && !bad.recovered) {
    if (known !== undefined || bad.healthy === undefined) return { action: "none", request: known, settled: false };
    const request = await proposeRestoration(restorationOf(bad, bad.healthy, environment), tools, signal);
    return { action: "opened", request, settled: false };
  }
  if (known === undefined) return { action: "none", request: undefined, settled: true };
  await forge.closePullRequest(known.number, markdown`${whyClosed(bad, now)}.`, signal);
  // A commit that somebody put on top of it is theirs to remove: the branch is not where it was then.
  await remote.pushRef({ branch: head, from: known.headSha, to: undefined }, signal);
  return { action: "closed", request: known, settled: true };
}

function whyClosed({ branch, commit, recovered }: BadCommit, now: string | undefined): Markdown {
  if (recovered) return markdown`Revision ${code(commit)} is healthy now`;
  if (now === undefined) return markdown`Branch ${code(branch)} is gone`;
  return markdown`Branch ${code(branch)} has moved to ${code(now.slice(0, 7))}`;
}

function restorationOf(bad: BadCommit, healthy: string, environment: string): Restoration {
  const { branch, commit, cause, failedAt } = bad;
  const title = `Go back to ${healthy.slice(0, 7)}: ${commit.slice(0, 7)} failed in ${environment}`;
  const body = [
    `Revision ${code(commit)} did not become healthy in ${code(environment)}, which is back at ${code(healthy)}:`,
    `> ${prose(cause)}`,
    `This restores ${code(branch)} to the files of ${code(healthy)} in one commit. Mooring does not retry the revision; it waits for the next commit. Push a fix, and this pull request is closed automatically; if you close it yourself, it is not opened again.`,
  ].join("\n\n");
  const head = revertBranch(bad);
  return { branch, head, onto: commit, filesOf: healthy, date: failedAt, title, body };
}
