import { createHash } from "node:crypto";
import { createPace } from "../../clock/index.ts";
import type { Manifest } from "../../model/manifest.ts";
import { formatId } from "../../model/object-id.ts";
import { type Owner, serverFieldWarning, storedForm, withOwner, withoutServerFields } from "../../plan/index.ts";
import { substituteOpened } from "../../render/index.ts";
import type { DesiredStage } from "../../sandbox/index.ts";
import type { Vouched } from "../../seal/index.ts";

/** Unseals manifests that were vouched for. Comes from `seal`, with the keys inside. */
export type Unseal = (manifests: Vouched) => Promise<readonly Manifest[]>;

/** Unseals what the identity may open among manifests, after checking its rights. Throws as `Vouch` and `Unseal` do. */
export type Open = (manifests: readonly Manifest[], signal: AbortSignal) => Promise<readonly Manifest[]>;

/** Checks whether an identity may have the sealed manifests opened on its behalf. Throws as `vouch` of `seal` does. */
export type Vouch = (manifests: readonly Manifest[], signal: AbortSignal) => Promise<Vouched>;

/**
 * The same stages with secrets unsealed, the variables in what was encrypted, and the owner's labels on every object: what
 * is compared and applied. Throws what `open` and `substituteOpened` do.
 */
export async function openStages(
  stages: readonly DesiredStage[],
  open: (manifests: readonly Manifest[]) => Promise<readonly Manifest[]>,
  owner: Owner,
): Promise<readonly DesiredStage[]> {
  const opened = await open(stages.flatMap((stage) => stage.manifests));
  const pace = createPace();
  let next = 0;
  const result: DesiredStage[] = [];
  for (const stage of stages) {
    const manifests: Manifest[] = [];
    const own = opened.slice(next, next + stage.manifests.length);
    next += own.length;
    for (const manifest of own) {
      manifests.push(withOwner(stored(substituteOpened(manifest, stage.substitute)), owner));
      await pace();
    }
    result.push({ ...stage, manifests });
  }
  return result;
}

/** As the API server stores it. What it alone writes is dropped here, after rendering, so that `build` is as kustomize's. */
function stored(manifest: Manifest): Manifest {
  const object = storedForm(withoutServerFields(manifest.object));
  const warning = serverFieldWarning(manifest);
  return { ...manifest, object, ...(warning === undefined ? {} : { warning }) };
}

/**
 * SHA-256 (hex) over what the stages hold, as rendered. Equal digests mean that rolling out one after the other would
 * change nothing: a commit that touches other folders does not start a rollout.
 */
export function contentDigest(stages: readonly DesiredStage[]): string {
  const hash = createHash("sha256");
  for (const stage of stages) {
    hash.update(`stage ${stage.name}\n`);
    for (const { id, digest } of stage.manifests) hash.update(`${formatId(id)} ${digest}\n`);
  }
  return hash.digest("hex");
}
