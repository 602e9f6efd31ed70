import type { PromotionReason } from "../../api/promotion/promotion-status.ts";
import { shortRevision } from "../../model/revision.ts";
import type { PullRequestState } from "../forge/forge.ts";
import { code, type Markdown, markdown } from "../text/markdown.ts";
import type { Proof } from "./proof.ts";

/** All that a decision depends on. */
export interface Situation {
  readonly proof: Proof;
  /** The target branch. */
  readonly branch: string;
  /** Whether the target branch has the proven commit, or the same files. */
  readonly contained: boolean;
  /** The branch of the pull request, where it exists. */
  readonly head: HeadBranch | undefined;
  /** The newest pull request from the one branch to the other. */
  readonly request: RequestState | undefined;
}

/** Where the branch of the pull request stands. */
export interface HeadBranch {
  readonly sha: string;
  /** Moving the branch away from it loses nobody's work. */
  readonly ours: boolean;
  /** The commit failed in the source environment since it was proposed. */
  readonly failed: boolean;
}

/** What matters of a pull request. */
export interface RequestState {
  readonly number: number;
  readonly state: PullRequestState;
  readonly headSha: string;
  /** It was Mooring that closed it. */
  readonly retired: boolean;
}

/** What is to be done about a promotion. */
export type Decision =
  /** Set the branch to the proven commit and open a pull request. */
  | { readonly type: "propose" }
  /** Set the branch to the proven commit, and describe it anew. */
  | { readonly type: "update"; readonly number: number }
  /** The pull request is what it should be; it may be merged. */
  | { readonly type: "keep"; readonly number: number }
  | { readonly type: "close"; readonly number: number; readonly message: Markdown }
  /** Nothing, until a time or, where there is none, until something changes. */
  | {
      readonly type: "wait";
      readonly until: Date | undefined;
      readonly reason: PromotionReason;
      readonly message: string;
    }
  /** Nothing: all is as it should be. */
  | { readonly type: "nothing"; readonly reason: PromotionReason; readonly message: string };

/** Decides what is to be done: the only place that does. Pure. */
export function decide({ proof, branch, contained, head, request }: Situation): Decision {
  const open = request?.state === "open" ? request : undefined;
  if (open !== undefined && head?.failed === true)
    return { type: "close", number: open.number, message: markdown`The proposed revision has failed in the meantime.` };
  if (proof.type === "unproven") return wait("NotProven", proof.message);
  const revision = shortRevision(proof.evidence.revision);
  if (contained) {
    if (open !== undefined) {
      const message = markdown`Nothing to promote: ${code(branch)} has revision ${code(revision)}.`;
      return { type: "close", number: open.number, message };
    }
    return { type: "nothing", reason: "UpToDate", message: `${branch} has revision ${revision}` };
  }
  if (proof.type === "soaking") {
    const message = `revision ${revision} must stay healthy until ${proof.until.toISOString()}`;
    return { type: "wait", until: proof.until, reason: "Soaking", message };
  }
  if (open !== undefined && head?.sha === proof.commit) return { type: "keep", number: open.number };
  if (request?.state === "closed" && !request.retired && request.headSha === proof.commit) {
    const message = `pull request #${request.number} was closed; a newer revision than ${revision} will be proposed`;
    return { type: "nothing", reason: "Declined", message };
  }
  if (head !== undefined && head.sha !== proof.commit && !head.ours) {
    return wait("HeadMoved", "somebody pushed to the branch of the pull request; merge or delete it to go on");
  }
  return open === undefined ? { type: "propose" } : { type: "update", number: open.number };
}

function wait(reason: PromotionReason, message: string): Decision {
  return { type: "wait", until: undefined, reason, message };
}
