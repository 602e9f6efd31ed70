import type { Environment } from "../api/environment/environment.ts";
import { inSlices } from "../clock/index.ts";
import { objectAt, stringAt } from "../model/json/json.ts";
import type { KubeObject, Manifest } from "../model/manifest.ts";
import { formatId, versionOf } from "../model/object-id.ts";
import type { Plan } from "../model/plan.ts";
import { type Observed, planSteps } from "../plan/index.ts";
import type { DesiredStage } from "../sandbox/index.ts";
import { isSealedSecret, withPolicy } from "../seal/index.ts";
import { openStages } from "./observe/desired.ts";
import { policyOf } from "./policy.ts";

/** An Environment at two revisions; with nothing in `before` everything is new. */
export interface TwoRevisions {
  /** As `objectsWithoutKeys` gives them. */
  readonly before: readonly Manifest[];
  readonly after: readonly DesiredStage[];
}

/**
 * Plans an environment at one revision against itself at an earlier one, as if that were what is in the cluster. By the code
 * of the agent, and to its digest where it goes the same step. Nothing is unsealed: a Secret shows that it changed.
 */
export async function planStages(
  environment: Pick<Environment, "spec" | "metadata">,
  { before, after }: TwoRevisions,
): Promise<Plan> {
  const { name, namespace } = environment.metadata;
  const owner = { name, namespace };
  const observed = new Map(before.map(({ id, object }): [string, Observed] => [formatId(id), { live: object }]));
  const entries = before.map(({ id, object }) => ({ id: formatId(id), v: versionOf(object.apiVersion) }));
  const stages = await openStages(after, covered, owner);
  return inSlices(planSteps({ stages, observed, inventory: { entries }, owner, ...policyOf(environment) }));
}

/** The objects of an environment as they would be in the cluster, as far as that can be known without the sealing keys. */
export async function objectsWithoutKeys(
  { metadata: { name, namespace } }: Pick<Environment, "metadata">,
  stages: readonly DesiredStage[],
): Promise<readonly Manifest[]> {
  const opened = await openStages(stages, covered, { name, namespace });
  return opened.flatMap(({ manifests }) => manifests);
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
