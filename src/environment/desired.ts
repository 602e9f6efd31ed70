import type { FileTree } from "../model/file-tree.ts";
import type { Remotes } from "../model/remote.ts";
import type { DesiredStage, RenderStages } from "../rollout/index.ts";
import type { SopsItems } from "../sandbox/index.ts";
import type { HasVariables, ReadVariables } from "./variables.ts";

/** What an Environment is made of at a revision. */
export interface Content {
  readonly tree: FileTree;
  /** Where in the tree that is which was fetched from elsewhere. */
  readonly remotes: Remotes;
}

/** What an Environment is rendered with. */
export interface DesiredTools {
  readonly render: RenderStages;
  readonly variables: ReadVariables;
  /** Its SOPS keys; undefined where it has none, or they are not at hand. */
  readonly sops: SopsItems | undefined;
}

/**
 * What an Environment is at a revision: as rendered, still sealed. The one way from an Environment to its objects, for the
 * agent's passes, plans, promotions and peers alike. Throws the failures of `ReadVariables` and of rendering.
 */
export async function desiredStages(
  environment: HasVariables,
  { tree, remotes }: Content,
  { render, variables, sops }: DesiredTools,
  signal: AbortSignal,
): Promise<readonly DesiredStage[]> {
  const given = { remotes, sops, signal };
  return render(tree, environment.spec, await variables(environment, signal), given);
}
