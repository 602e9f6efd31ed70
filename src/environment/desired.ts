import type { Environment } from "../api/environment/environment.ts";
import type { Cluster } from "../cluster/index.ts";
import type { FileTree } from "../model/file-tree.ts";
import type { Remotes } from "../model/remote.ts";
import type { DesiredStage, RenderStages, Unseal } from "../rollout/index.ts";
import { type Decrypt, decryptHere, type SopsItems } from "../sandbox/index.ts";
import { readSopsItems } from "./decryption.ts";
import { readVariables } from "./variables.ts";

/** What opens the objects of an Environment, and the files that they are made of. */
export interface Opening {
  /** The keys for files; undefined where the Environment names none. */
  readonly sops: SopsItems | undefined;
  /** Opens what is sealed, and then what SOPS encrypted. */
  readonly unseal: Unseal;
}

/** What opens things on behalf of an Environment. */
export interface OpeningTools {
  /** Opens sealed secrets. */
  readonly unsealSealed: Unseal;
  /** Opens what SOPS encrypted; here and now unless said otherwise. */
  readonly decrypt?: Decrypt;
}

/**
 * The keys of an Environment, as its spec names them, together with a way to open sealed secrets. Throws as `readSopsItems`.
 */
export async function openingOf(
  cluster: Cluster,
  environment: Environment,
  { unsealSealed, decrypt = decryptHere }: OpeningTools,
  signal: AbortSignal,
): Promise<Opening> {
  const sops = await readSopsItems(cluster, environment, signal);
  return { sops, unseal: async (manifests) => decrypt(await unsealSealed(manifests), sops, signal) };
}

/** What an Environment is made of at a revision. */
export interface Content {
  readonly tree: FileTree;
  readonly remotes: Remotes;
}

/**
 * What an Environment is at a revision: as rendered, still sealed. The one way from an Environment to its objects, whoever
 * asks for them: agent, preview or a neighbour. Throws the failures of `readVariables` and of rendering.
 */
export async function desiredStages(
  {
    cluster,
    render,
    sops,
  }: { readonly cluster: Cluster; readonly render: RenderStages; readonly sops: SopsItems | undefined },
  { spec, metadata }: Environment,
  { tree, remotes }: Content,
  signal: AbortSignal,
): Promise<readonly DesiredStage[]> {
  const variables = await readVariables(cluster, spec, metadata.namespace, signal);
  return render(tree, spec, variables, { remotes, sops, signal });
}
