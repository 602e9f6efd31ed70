import type { Environment } from "../api/environment/environment.ts";
import { inSlices } from "../clock/index.ts";
import { type Failure, failureClasses, toFailure } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import { objectAt, stringAt } from "../model/json/json.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { formatId, versionOf } from "../model/object-id.ts";
import type { Plan } from "../model/plan.ts";
import type { Remotes } from "../model/remote.ts";
import { type Observed, planSteps } from "../plan/index.ts";
import {
  type BuildStage,
  createStageRenderer,
  type DesiredStage,
  type SopsItems,
  type Variables,
} from "../sandbox/index.ts";
import { isSealedSecret, withPolicy } from "../seal/index.ts";
import { openStages } from "./observe/desired.ts";
import { policyOf } from "./policy.ts";

/** Two states of a repository, as `ignoredTree` gives them; without `before` everything is new. */
export interface TwoTrees {
  readonly before: FileTree | undefined;
  readonly after: FileTree;
  /** Where in them that is which was fetched from elsewhere. */
  readonly remotes?: Remotes;
  /** Told where the earlier one cannot be rendered, and everything is new; without it, that failure is thrown. */
  readonly onBroken?: (failure: Failure) => void;
}

/** What a change of the repository comes to, as far as it can be told without a cluster. */
export interface TreesPlan {
  readonly plan: Plan;
  /** What the environment would be: as rendered, still sealed. */
  readonly manifests: readonly Manifest[];
}

/**
 * Plans an environment at one tree against itself at an earlier one, as if that were what is in the cluster. By the code
 * of the agent, and to its digest where it goes the same step. Nothing is unsealed: a Secret shows that it changed.
 * `sops` opens files that generators read; what comes of those is masked. Throws the failures of rendering.
 */
export async function planTrees(
  environment: Pick<Environment, "spec" | "metadata">,
  { before, after, remotes, onBroken }: TwoTrees,
  variables: Variables,
  { build, sops }: { readonly build?: BuildStage; readonly sops?: SopsItems | undefined } = {},
): Promise<TreesPlan> {
  const { name, namespace } = environment.metadata;
  const owner = { name, namespace };
  const render = createStageRenderer(build);
  const rendered = async (tree: FileTree) => render(tree, environment.spec, variables, { remotes, sops });
  const open = (stages: readonly DesiredStage[]) => openStages(stages, covered, owner);
  const earlier = async (tree: FileTree) => (await open(await rendered(tree))).flatMap((stage) => stage.manifests);
  const old = before === undefined ? [] : await unlessBroken(earlier(before), onBroken);
  const wanted = await rendered(after);
  const observed = new Map(old.map(({ id, object }): [string, Observed] => [formatId(id), { live: object }]));
  const entries = old.map(({ id, object }) => ({ id: formatId(id), v: versionOf(object.apiVersion) }));
  const stages = await open(wanted);
  const plan = await inSlices(planSteps({ stages, observed, inventory: { entries }, owner, ...policyOf(environment) }));
  return { plan, manifests: wanted.flatMap(({ manifests }) => manifests) };
}

/** Nothing, where the work fails because of what it is about, and somebody is told; an error of the world is thrown on. */
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

/** Without a key: a Secret in the place of every SealedSecret, its values still sealed, so that it shows whether they changed. */
async function covered(manifests: readonly Manifest[]): Promise<readonly Manifest[]> {
  return manifests.map((manifest) => {
    if (!isSealedSecret(manifest.object)) return manifest;
    const id = { ...manifest.id, group: "", kind: "Secret" };
    return { ...manifest, id, object: withPolicy(coveredSecret(manifest.object), manifest.object), sensitive: true };
  });
}

function coveredSecret({ metadata, spec }: KubeObject): KubeObject {
  const { name, namespace } = metadata;
  const template = objectAt(spec, "template");
  const place = { name, ...(namespace === undefined ? {} : { namespace }) };
  const type = stringAt(template, "type");
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...objectAt(template, "metadata"), ...place },
    ...(type === undefined ? {} : { type }),
    data: { ...objectAt(template, "data"), ...objectAt(spec, "encryptedData") },
  };
}
