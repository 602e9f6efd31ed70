import type { Environment } from "../../api/environment/environment.ts";
import type { Cluster } from "../../cluster/index.ts";
import { readSource } from "../../environment/index.ts";
import type { PromotionTools } from "../../promote/index.ts";
import { createGatherer, type Gatherer, type Network, type RemoteSearch, type SourcePool } from "../../source/index.ts";

/** Whose repository it is, and who would render it. */
export interface Ends {
  /** Its credentials open the repository: the clone is shared with its rollouts. */
  readonly from: Environment;
  /** What it ignores is left out. */
  readonly target: Environment | undefined;
}

/** The files that a promotion reads, until it is closed. */
export interface PromotionFiles extends Pick<PromotionTools, "files" | "gather"> {
  readonly close: () => Promise<void>;
}

/** What files are read with. */
export interface FilesContext {
  readonly cluster: Cluster;
  readonly pool: SourcePool;
  readonly userAgent: string;
  /** False: what kustomizations take from elsewhere is refused. */
  readonly remoteBases: boolean;
  readonly isResources: RemoteSearch["isResources"];
  readonly network: Network;
}

/** The files of commits as the target would see them. Signatures are the business of rollouts. Reads nothing yet. */
export function openFiles(context: FilesContext, { from, target }: Ends): PromotionFiles {
  const { cluster, pool, userAgent, network, remoteBases: allowed, isResources } = context;
  let gatherer: Gatherer | undefined;
  return {
    async files(commit, signal) {
      const { spec, credentials } = await readSource(cluster, from, signal);
      const { url, recurseSubmodules } = spec;
      const ignore = target === undefined ? spec.ignore : target.spec.source.ignore;
      const { tree } = await pool.fetch({ url, recurseSubmodules, ignore, ref: { commit } }, credentials, signal);
      return tree;
    },
    async gather(tree, find, signal) {
      const { spec, credentials } = await readSource(cluster, from, signal);
      gatherer ??= createGatherer(pool, { userAgent, allowed, network, home: { url: spec.url, credentials } });
      return gatherer.gather(tree, { find, isResources }, Number.POSITIVE_INFINITY, signal);
    },
    close: async () => gatherer?.close(),
  };
}
