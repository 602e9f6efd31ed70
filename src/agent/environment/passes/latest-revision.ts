import type { Environment } from "../../../api/environment/environment.ts";
import type { FileTree } from "../../../model/file-tree.ts";
import type { Remotes } from "../../../model/remote.ts";
import { formatRevision } from "../../../model/revision.ts";
import type { Rendering } from "../../../sandbox/index.ts";
import type { Subscription } from "../bindings/sources.ts";

/** The newest revision, with all that is needed to render it. */
export interface LatestRevision {
  /** Formatted; what it takes from elsewhere is part of it where that can move. */
  readonly revision: string;
  readonly tree: FileTree;
  readonly remotes: Remotes;
}

/** The Environment whose newest revision it is, and how files are read for what they take from elsewhere. */
export interface LatestRevisionContext {
  readonly source: Subscription;
  readonly environment: Environment;
  readonly rendering: Pick<Rendering, "findRemotes" | "isResources">;
  /** Called with the revision as soon as it is known. */
  readonly attempting?: (revision: string) => void;
}

/**
 * Fetches the newest revision and what it takes from elsewhere; calls `attempting` with it as soon as it is known. Throws
 * as `Subscription` does.
 */
export async function latestRevision(
  { source, environment: { spec, metadata }, rendering, attempting }: LatestRevisionContext,
  signal: AbortSignal,
): Promise<LatestRevision> {
  const fetched = await source.latest(signal);
  attempting?.(formatRevision(fetched.revision));
  const find = (tree: FileTree, remotes: Remotes) => rendering.findRemotes(tree, spec, remotes, signal);
  const search = { find, isResources: rendering.isResources, version: String(metadata.generation) };
  const { tree, remotes, bases } = await source.gather(fetched, search, signal);
  const revision = formatRevision({ ...fetched.revision, bases });
  attempting?.(revision);
  return { revision, tree, remotes };
}
