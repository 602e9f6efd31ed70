import type { Environment } from "../../api/environment.ts";
import type { Cluster } from "../../cluster/index.ts";
import type { FileTree } from "../../model/file-tree.ts";
import type { SourcePool } from "../../source/index.ts";
import { readSource } from "../read-source.ts";

/** Whose files, and of which commit. */
export interface CommitFiles {
  /** Whose repository it is, and whose credentials open it: the clone is shared with its rollouts. */
  readonly from: Environment;
  /** Who would render them; what it ignores is left out. */
  readonly target: Environment | undefined;
  readonly commit: string;
}

/** The files of a commit as the target would see them. Signatures are the business of rollouts. */
export async function readCommit(
  { cluster, pool }: { readonly cluster: Cluster; readonly pool: SourcePool },
  { from, target, commit }: CommitFiles,
  signal: AbortSignal,
): Promise<FileTree> {
  const { spec, credentials } = await readSource(cluster, from, signal);
  const { url, recurseSubmodules } = spec;
  const ignore = target === undefined ? spec.ignore : target.spec.source.ignore;
  const { tree } = await pool.fetch({ url, recurseSubmodules, ignore, ref: { commit } }, credentials, signal);
  return tree;
}
