import { Failure } from "../../model/failure.ts";
import type { Remote } from "../../source/index.ts";
import type { Forge, PullRequest } from "../forge/forge.ts";

/** Files of an earlier commit, to be put on a branch by pull request. */
export interface Restoration {
  /** The branch that goes back. */
  readonly branch: string;
  /** The branch that the pull request comes from; Mooring's own. */
  readonly head: string;
  /** What the new commit stands on: the head of `branch`, 40 hex digits. */
  readonly onto: string;
  /** The commit whose files come back, 40 hex digits. */
  readonly filesOf: string;
  /** Of the new commit: the same restoration at the same time is the same commit. */
  readonly date: Date;
  readonly title: string;
  /** Markdown. */
  readonly body: string;
}

/** What restoring takes. */
export interface RestoreTools {
  readonly forge: Forge;
  readonly remote: Remote;
}

const author = { name: "Mooring", email: "noreply@mooring.dev" };

/**
 * Opens a pull request with one commit that brings the files back as they were: nothing is rewritten, and nothing that
 * came between is left. An open one from the same branch is brought up to date instead. Throws as `Forge` and `Remote`
 * do, and `Failure` (Conflict) where somebody else moved the branch it comes from.
 */
export async function proposeRestoration(
  restoration: Restoration,
  { forge, remote }: RestoreTools,
  signal: AbortSignal,
): Promise<PullRequest> {
  const { branch, head, onto, filesOf, date, title, body } = restoration;
  const draft = { filesOf, parent: onto, author, date, message: title };
  const commit = await remote.commitTree(draft, signal);
  const from = await forge.branchHead(head, signal);
  const pushed = await remote.pushRef({ branch: head, from, to: commit }, signal);
  if (pushed.type === "refused") {
    const code = pushed.reason === "moved" ? "Conflict" : "ForgeDenied";
    throw new Failure(code, { message: `branch ${head} was not pushed: ${pushed.message}` });
  }
  const known = await forge.findPullRequest({ head, base: branch }, signal);
  if (known?.state !== "open") return forge.openPullRequest({ head, base: branch, title, body, labels: [] }, signal);
  await forge.updatePullRequest(known.number, { title, body }, signal);
  return { ...known, title, body, headSha: commit.oid };
}
