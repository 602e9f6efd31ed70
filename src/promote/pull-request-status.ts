import type { PullRequestStatus } from "../api/promotion/promotion-status.ts";
import type { PullRequest } from "./forge/forge.ts";

/** What a status remembers of a pull request. */
export function pullRequestStatus({ number, url, state }: PullRequest): PullRequestStatus {
  return { number, url, state };
}
