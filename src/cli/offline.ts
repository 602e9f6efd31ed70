import { policyOf } from "../agent/index.ts";
import { objectAt, stringAt } from "../model/json.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { formatId, versionOf } from "../model/object-id.ts";
import type { Plan } from "../model/plan.ts";
import { makePlan, type Observed } from "../plan/index.ts";
import { createStageRenderer, type DesiredStage, openStages } from "../rollout/index.ts";
import { isSealedSecret } from "../seal/index.ts";
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
 * Plans a folder of a checkout against itself at an earlier revision, as if that were what is in the cluster. By the
 * code of the agent, and to its digest where it goes the same step. Throws the failures of rendering, and `Failure`
 * (RefNotFound).
 */
export async function planOffline(checkout: Checkout, ref: string, namespace: string): Promise<OfflinePlan> {
  const environment = newEnvironment(namespace, checkout);
  const { name } = environment.metadata;
  const stagesOf = async (tree: Checkout["tree"]): Promise<readonly DesiredStage[]> => {
    const stages = await createStageRenderer()(await ignoredTree(tree, ""), environment.spec, {});
    return openStages(stages, covered, { name, namespace });
  };
  const { commit, tree } = await localRevision(checkout.root, ref);
  const known = (await tree.entry(checkout.path))?.kind === "directory";
  const before = known ? (await stagesOf(tree)).flatMap(({ manifests }) => manifests) : [];
  const stages = await stagesOf(checkout.tree);
  const observed = new Map(before.map(({ id, object }): [string, Observed] => [formatId(id), { live: object }]));
  const entries = before.map(({ id, object }) => ({ id: formatId(id), v: versionOf(object.apiVersion) }));
  const inventory = { entries };
  const plan = makePlan({ stages, observed, inventory, owner: { name, namespace }, ...policyOf(environment) });
  return { base: commit, plan };
}

/** Without a key: a Secret in the place of every SealedSecret, its values still sealed, so that it shows whether they changed. */
async function covered(manifests: readonly Manifest[]): Promise<readonly Manifest[]> {
  return manifests.map((manifest) => {
    if (!isSealedSecret(manifest.object)) return manifest;
    const id = { ...manifest.id, group: "", kind: "Secret" };
    return { ...manifest, id, object: coveredSecret(manifest.object), sensitive: true };
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
