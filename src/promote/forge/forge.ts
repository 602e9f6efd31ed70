import type { Credentials } from "../../source/index.ts";
import { type Markdown, visibleLine } from "../text/markdown.ts";

/**
 * A repository on a forge, with one account's rights. Every method throws `Failure`: ForgeUnreachable for all that may
 * pass, ForgeBusy where the forge asks for patience (`retryAt` says until when; nothing is asked of it before), ForgeDenied
 * where the token is not accepted or may not do it, ForgeRefused where the forge will not do it for another reason,
 * Interrupted for the signal.
 */
export interface Forge {
  /** Where Git pushes to and fetches from this repository, with the forge's token. */
  readonly git: { readonly url: string; readonly credentials: Credentials };

  /** The pull request from one branch to another of this repository: the open one, or else the newest of the others. */
  findPullRequest(between: Branches, signal: AbortSignal): Promise<PullRequest | undefined>;
  /** Opens one. Labels that do not exist yet are made. Both branches must exist and differ (ForgeRefused). */
  openPullRequest(draft: PullRequestDraft, signal: AbortSignal): Promise<PullRequest>;
  /** Writes what is given, and leaves the rest. */
  updatePullRequest(number: number, change: PullRequestChange, signal: AbortSignal): Promise<void>;
  /** Closes it without merging, after a comment where one is given. */
  closePullRequest(number: number, comment: Markdown | undefined, signal: AbortSignal): Promise<void>;
  /** Whether it may be merged now, asked anew each time. */
  readiness(number: number, signal: AbortSignal): Promise<Readiness>;
  /** Merges with a merge commit of this title, and only while the pull request's head is this commit. */
  mergePullRequest(number: number, merge: Merge, signal: AbortSignal): Promise<MergeResult>;
  /**
   * Makes a comment say `body`: the one that begins with the marker, or a new one. The marker, an HTML comment, is put
   * before the body. A comment that says so already is not written again.
   */
  upsertComment(number: number, marker: string, body: string, signal: AbortSignal): Promise<void>;

  /** Sets the status of a commit under its context. Others' contexts are left alone. */
  setCommitStatus(sha: string, status: CommitStatus, signal: AbortSignal): Promise<void>;
  /** The newest status of a commit under each context. */
  commitStatuses(sha: string, signal: AbortSignal): Promise<readonly CommitStatus[]>;

  /** The commit a branch points to; undefined where there is no such branch. */
  branchHead(branch: string, signal: AbortSignal): Promise<string | undefined>;
  /** The commits that `head` has and `base` has not, oldest first, at most `listedCommits` of them. Both are commits or branches. */
  commitsBetween(base: string, head: string, signal: AbortSignal): Promise<CommitRange>;

  /** Closes connections. */
  close(): Promise<void>;
}

/** So many commits are named at most; the rest is only counted. */
export const listedCommits = 50;

/** A description as every forge takes it: one line, no longer than GitHub allows. */
export function shortDescription(text: string): string {
  const line = [...visibleLine(text)];
  return line.length > 140 ? `${line.slice(0, 139).join("")}…` : line.join("");
}

/** Two branches of the repository, by their short names. */
export interface Branches {
  readonly head: string;
  readonly base: string;
}

/** A pull request (GitLab: merge request). */
export interface PullRequest {
  /** As people name it: `#7`. */
  readonly number: number;
  /** Its page. */
  readonly url: string;
  readonly state: PullRequestState;
  readonly title: string;
  readonly body: string;
  readonly head: string;
  readonly headSha: string;
  readonly base: string;
  readonly labels: readonly string[];
}

/** `closed` means without having been merged. */
export type PullRequestState = "open" | "closed" | "merged";

/** A pull request to be. */
export interface PullRequestDraft extends Branches {
  readonly title: string;
  /** Markdown. */
  readonly body: string;
  readonly labels: readonly string[];
}

/** What to write anew. */
export interface PullRequestChange {
  readonly title?: string;
  readonly body?: string;
}

/** What stands between a pull request and its merge. */
export interface Readiness {
  readonly state: PullRequestState;
  readonly headSha: string;
  readonly labels: readonly string[];
  /** Whether it merges without conflict; `unknown` while the forge has not worked it out, or (Gitea) does not tell. */
  readonly mergeable: "yes" | "no" | "unknown";
  readonly checks: Checks;
  /** What reviewers said, and what the branch asks for, as far as the token may know. */
  readonly reviews: "satisfied" | "missing" | "changesRequested";
}

/** Commit statuses and CI runs on the head together. `success` where there are none. */
export interface Checks {
  readonly state: "pending" | "success" | "failure";
  /** Names of those that have not ended. */
  readonly pending: readonly string[];
  /** Names of those that failed. */
  readonly failed: readonly string[];
}

/** What to merge, and under what title. */
export interface Merge {
  /** 40 hex digits: the head that was judged. */
  readonly headSha: string;
  readonly title: string;
}

/** What came of a merge; a refusal is an answer, not a failure. */
export type MergeResult =
  | { readonly type: "merged" }
  | { readonly type: "refused"; readonly reason: MergeRefusal; readonly message: string };

/**
 * Why a forge did not merge. `headMoved`: another commit than the one judged. `conflict`: it does not merge. `gated`: branch
 * protection, checks, reviews, or the token's rights. `notOpen`: closed or merged meanwhile.
 */
export type MergeRefusal = "headMoved" | "conflict" | "gated" | "notOpen";

/** What somebody says of a commit. */
export interface CommitStatus {
  /** Whose word it is: `mooring/production/eu`. */
  readonly context: string;
  readonly state: "pending" | "success" | "failure";
  /** One line; cut at 140 characters where it is longer, as GitHub wants it. */
  readonly description: string;
  readonly url?: string;
}

/** Commits between two. */
export interface CommitRange {
  readonly commits: readonly RangeCommit[];
  /** All of them, also those not named; at least so many where the forge does not count further. */
  readonly total: number;
}

/** One commit, as a list shows it. */
export interface RangeCommit {
  readonly sha: string;
  readonly subject: string;
  /** The author's name. */
  readonly author: string;
}
