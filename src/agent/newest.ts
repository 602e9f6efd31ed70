import type { Environment } from "../api/environment.ts";
import type { FileTree } from "../model/file-tree.ts";
import type { Remotes } from "../model/remote.ts";
import { formatRevision } from "../model/revision.ts";
import { findStageRemotes } from "../rollout/index.ts";
import type { Subscription } from "./sources.ts";

/** The newest revision, with all that is needed to render it. */
export interface Newest {
  /** Formatted; what it takes from elsewhere is part of it where that can move. */
  readonly revision: string;
  readonly tree: FileTree;
  readonly remotes: Remotes;
}

/** Fetches the newest revision and what it takes from elsewhere. Throws as `Subscription` does. */
export async function newestOf(
  source: Subscription,
  { spec, metadata }: Environment,
  signal: AbortSignal,
): Promise<Newest> {
  const fetched = await source.latest(signal);
  const find = (tree: FileTree, remotes: Remotes) => findStageRemotes(tree, spec, remotes);
  const { tree, remotes, bases } = await source.gather(fetched, { find, version: String(metadata.generation) }, signal);
  return { revision: formatRevision({ ...fetched.revision, bases }), tree, remotes };
}
