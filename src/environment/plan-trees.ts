import { type Failure, failureClasses, toFailure } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import type { Manifest } from "../model/manifest.ts";
import type { Plan } from "../model/plan.ts";
import type { Remotes } from "../model/remote.ts";
import { objectsWithoutKeys, planStages } from "../rollout/index.ts";
import { type DesiredTools, desiredStages } from "./desired.ts";
import type { HasVariables } from "./variables.ts";

/** Two states of a repository, as `ignoredTree` gives them; without `before` everything is new. */
export interface TwoTrees {
  readonly before: FileTree | undefined;
  readonly after: FileTree;
  /** Where in them that is which was fetched from elsewhere. */
  readonly remotes: Remotes;
  /** Called where the earlier one cannot be rendered, and everything is new; without it, that failure is thrown. */
  readonly onBroken?: (failure: Failure) => void;
}

/** What a change of the repository comes to, as far as it can be told without a cluster. */
export interface TreesPlan {
  readonly plan: Plan;
  /** What the environment would be: as rendered, still sealed. */
  readonly manifests: readonly Manifest[];
}

/** Plans an environment at one tree against itself at an earlier one. Throws as `desiredStages` does. */
export async function planTrees(
  environment: HasVariables,
  { before, after, remotes, onBroken }: TwoTrees,
  tools: DesiredTools,
  signal: AbortSignal,
): Promise<TreesPlan> {
  const stagesAt = (tree: FileTree) => desiredStages(environment, { tree, remotes }, tools, signal);
  const objectsAt = async (tree: FileTree) => objectsWithoutKeys(environment, await stagesAt(tree));
  const old = before === undefined ? [] : await unlessBroken(objectsAt(before), onBroken);
  const wanted = await stagesAt(after);
  const plan = await planStages(environment, { before: old, after: wanted });
  return { plan, manifests: wanted.flatMap(({ manifests }) => manifests) };
}

/** Nothing, where the work fails because of what it is about, and `onBroken` takes the failure; an error is thrown on. */
export async function unlessBroken<T>(
  work: Promise<readonly T[]>,
  onBroken: ((failure: Failure) => void) | undefined,
): Promise<readonly T[]> {
  return work.catch((thrown: unknown) => {
    const failure = toFailure(thrown);
    if (onBroken === undefined || failureClasses[failure.code].nature === "error") throw failure;
    onBroken(failure);
    return [];
  });
}
