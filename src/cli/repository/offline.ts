import { inlineVariables, planTrees, unlessBroken } from "../../environment/index.ts";
import type { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import type { Plan } from "../../model/plan.ts";
import { createStageRenderer, findStageRemotes } from "../../rollout/index.ts";
import { ignoredTree } from "../../source/index.ts";
import { newEnvironment } from "../environment/preview.ts";
import type { Checkout } from "./checkout.ts";
import { allRemotes, type RemoteAccess, reachRemotes } from "./remotes.ts";
import { localRevision } from "./revision-tree.ts";

/** What the change of a folder since a revision comes to, as far as it can be told without a cluster. */
export interface OfflinePlan {
  /** The commit that it is compared with. */
  readonly base: string;
  readonly plan: Plan;
  /** Why nothing could be made of that commit, so that the plan is one against nothing. */
  readonly broken: Failure | undefined;
}

/** What to plan, and against what. */
export interface OfflineRequest {
  readonly checkout: Checkout;
  /** The revision that stands for the cluster. */
  readonly ref: string;
  readonly namespace: string;
  readonly remotes: RemoteAccess;
}

/**
 * Plans a folder of a checkout against itself at an earlier revision. What both take from elsewhere is the same in both: as
 * it is now. A revision that is broken counts as nothing: what repairs it can be planned. Throws the failures of fetching, of
 * rendering the folder as it is, and `Failure` (RefNotFound).
 */
export async function planOffline(request: OfflineRequest, signal: AbortSignal): Promise<OfflinePlan> {
  const { checkout, ref, namespace } = request;
  const environment = newEnvironment(namespace, checkout);
  await using reach = reachRemotes(request.remotes);
  const gather = async (tree: FileTree) =>
    reach.gather(
      await ignoredTree(tree, ""),
      (files, remotes) => findStageRemotes(files, environment.spec, remotes),
      signal,
    );
  const { commit, tree } = await localRevision(checkout.root, ref);
  const known = (await tree.entry(checkout.path))?.kind === "directory";
  let broken: Failure | undefined;
  const onBroken = (failure: Failure) => {
    broken = failure;
  };
  const [before] = known ? await unlessBroken(gather(tree).then(only), onBroken) : [];
  const after = await gather(checkout.tree);
  const remotes = allRemotes(before === undefined ? [after] : [before, after]);
  const tools = { render: createStageRenderer(), variables: inlineVariables, sops: undefined };
  const trees = { before: before?.tree, after: after.tree, remotes, onBroken };
  const { plan } = await planTrees(environment, trees, tools, signal);
  return { base: commit, plan, broken };
}

function only<T>(one: T): readonly T[] {
  return [one];
}
