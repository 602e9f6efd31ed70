import type { Cluster, ObjectRef } from "../../cluster/index.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Context } from "../command/command.ts";
import { withProgress } from "../print/progress.ts";
import { applyComponent, describeComponent } from "./apply.ts";
import { waitUntilHealthy } from "./healthy.ts";

/** How to install. */
export interface Installation {
  /** CRDs and the Namespace first. */
  readonly objects: readonly KubeObject[];
  /** Finds what is to be deleted once the objects are there. */
  readonly surplus?: (signal: AbortSignal) => Promise<readonly ObjectRef[]>;
  readonly dryRun: boolean;
  readonly timeoutMs: number;
}

/**
 * Applies the agent's objects and waits until they are healthy: the CRDs before the rest is applied, the Deployment last.
 * What is surplus goes before that wait, so that no failure of it leaves rights behind. Prints a line for each. Throws `Failure` as `Cluster.apply` and `waitUntilHealthy` do.
 */
export async function installAgent(
  context: Pick<Context, "stdout" | "stderr" | "signal">,
  cluster: Cluster,
  { objects, surplus, dryRun, timeoutMs }: Installation,
): Promise<void> {
  const { stdout, stderr, signal } = context;
  const definitions = objects.filter(({ kind }) => kind === "CustomResourceDefinition");
  const rest = objects.filter((object) => !definitions.includes(object));
  for (const group of [definitions, rest]) {
    for (const object of group) {
      const change = await applyComponent(cluster, object, dryRun, signal);
      stdout.line(`${describeComponent(object)} ${change}${dryRun ? " (server dry run)" : ""}`);
    }
    if (group === rest && surplus !== undefined) await takeAway(context, cluster, await surplus(signal), dryRun);
    if (dryRun) continue;
    await withProgress(stderr, "Waiting", (say) =>
      waitUntilHealthy(cluster, { objects: group, timeoutMs, say }, signal),
    );
  }
}

async function takeAway(
  { stdout, signal }: Pick<Context, "stdout" | "signal">,
  cluster: Cluster,
  refs: readonly ObjectRef[],
  dryRun: boolean,
): Promise<void> {
  for (const ref of refs) {
    if (!dryRun) await cluster.delete(ref, { propagation: "Background" }, signal);
    const { apiVersion, kind, name, namespace } = ref;
    const where = namespace === undefined ? "" : ` in ${namespace}`;
    const what = describeComponent({ apiVersion, kind, metadata: { name } });
    stdout.line(`${what} deleted${where}${dryRun ? " (server dry run)" : ""}`);
  }
}
