import type { Cluster } from "../../cluster/index.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Context } from "../command.ts";
import { withProgress } from "../print/progress.ts";
import { applyComponent, describeComponent } from "./apply.ts";
import { waitUntilHealthy } from "./healthy.ts";

/** How to install. */
export interface Installation {
  /** CRDs and the Namespace first. */
  readonly objects: readonly KubeObject[];
  readonly dryRun: boolean;
  readonly timeoutMs: number;
}

/**
 * Applies the agent's objects and waits until they are healthy: the CRDs before the rest is applied, the Deployment last.
 * Prints a line for each. Throws `Failure` as `Cluster.apply` and `waitUntilHealthy` do.
 */
export async function installAgent(
  context: Pick<Context, "stdout" | "stderr" | "signal">,
  cluster: Cluster,
  { objects, dryRun, timeoutMs }: Installation,
): Promise<void> {
  const { stdout, stderr, signal } = context;
  const definitions = objects.filter(({ kind }) => kind === "CustomResourceDefinition");
  const rest = objects.filter((object) => !definitions.includes(object));
  for (const group of [definitions, rest]) {
    for (const object of group) {
      const change = await applyComponent(cluster, object, dryRun, signal);
      stdout.write(`${describeComponent(object)} ${change}${dryRun ? " (server dry run)" : ""}\n`);
    }
    if (dryRun) continue;
    await withProgress(stderr, "Waiting", (say) =>
      waitUntilHealthy(cluster, { objects: group, timeoutMs, say }, signal),
    );
  }
}
