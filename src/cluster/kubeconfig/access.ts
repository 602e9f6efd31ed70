import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Reach } from "../../source/index.ts";
import type { Impersonation } from "../cluster.ts";

/** How to reach a cluster. */
export type ClusterAccess = (
  | { readonly from: "inCluster" }
  /** Kubeconfig files of the person who runs the program; they may name other files and programs to run. */
  | { readonly from: "files"; readonly paths: readonly string[]; readonly context?: string }
  /**
   * A kubeconfig from a Secret: whoever wrote it may neither read the agent's files nor run programs in it, nor have it connect
   * to what is out of reach where one is given.
   */
  | { readonly from: "text"; readonly text: string; readonly context?: string; readonly reach?: Reach }
) & { readonly impersonate?: Impersonation };

/** What a command line says of the cluster: kubectl's flags of the same names. */
export interface AccessFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly as?: string;
  readonly asGroup?: readonly string[];
}

/**
 * Finds the cluster as kubectl does: `--kubeconfig`, `$KUBECONFIG` (a list of files), `~/.kube/config`, and where there
 * is none of them but a pod's service account, the cluster the program runs in.
 */
export function findAccess(flags: AccessFlags, env: Readonly<Record<string, string | undefined>>): ClusterAccess {
  const who = flags.as === undefined ? undefined : { user: flags.as, groups: flags.asGroup ?? [] };
  const impersonate = who === undefined ? {} : { impersonate: who };
  const standard = join(env.HOME ?? env.USERPROFILE ?? "", ".kube", "config");
  const listed = (env.KUBECONFIG ?? "").split(delimiter).filter((path) => path !== "");
  const paths = flags.kubeconfig !== undefined ? [flags.kubeconfig] : listed.length > 0 ? listed : [standard];
  const inCluster = env.KUBERNETES_SERVICE_HOST !== undefined && paths[0] === standard && !existsSync(standard);
  if (inCluster && flags.context === undefined) return { from: "inCluster", ...impersonate };
  return { from: "files", paths, ...(flags.context === undefined ? {} : { context: flags.context }), ...impersonate };
}
