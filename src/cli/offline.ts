import type { Plan } from "../model/plan.ts";
import { planTrees } from "../rollout/index.ts";
import { ignoredTree } from "../source/index.ts";
import type { Checkout } from "./checkout.ts";
import { newEnvironment } from "./preview.ts";
import { localRevision } from "./revision-tree.ts";

/** What the change of a folder since a revision comes to, as far as it can be told without a cluster. */
export interface OfflinePlan {
  /** The commit that it is compared with. */
  readonly base: string;
  readonly plan: Plan;
}

/**
 * Plans a folder of a checkout against itself at an earlier revision. Throws the failures of rendering, and `Failure`
 * (RefNotFound).
 */
export async function planOffline(checkout: Checkout, ref: string, namespace: string): Promise<OfflinePlan> {
  const { commit, tree } = await localRevision(checkout.root, ref);
  const known = (await tree.entry(checkout.path))?.kind === "directory";
  const before = known ? await ignoredTree(tree, "") : undefined;
  const after = await ignoredTree(checkout.tree, "");
  const { plan } = await planTrees(newEnvironment(namespace, checkout), { before, after }, {});
  return { base: commit, plan };
}
