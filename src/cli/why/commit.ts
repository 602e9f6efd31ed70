import { parseRevision } from "../../model/revision.ts";
import { openCheckout } from "../repository/checkout.ts";
import { type CommitSummary, commitSummary } from "../repository/revision-tree.ts";

/** A revision, and what is known of its commit. */
export interface Commit extends Partial<CommitSummary> {
  /** `<branch>@sha1:<commit>`. */
  readonly revision: string;
}

/** The revision, with author and subject where the working directory is a checkout that has its commit: nothing is fetched. */
export async function commitOf(revision: string, cwd: string): Promise<Commit> {
  const commit = parseRevision(revision)?.commit;
  if (commit === undefined) return { revision };
  const { root } = await openCheckout(".", cwd);
  return { revision, ...(await commitSummary(root, commit)) };
}
