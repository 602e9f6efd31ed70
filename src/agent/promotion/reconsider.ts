import { readEnvironment } from "../../api/environment/environment.ts";
import { apiVersion } from "../../api/names.ts";
import { type Promotion, readPromotion } from "../../api/promotion/promotion.ts";
import type { Cluster } from "../../cluster/index.ts";
import type { Rechecked } from "../../promote/index.ts";

/**
 * What decides about a merge, read from the API server and not from what the agent remembers; undefined where the
 * Promotion was changed or deleted meanwhile.
 */
export async function reconsider(
  cluster: Cluster,
  { metadata, spec }: Promotion,
  signal: AbortSignal,
): Promise<Rechecked | undefined> {
  const { namespace, name } = metadata;
  const [object, source] = await Promise.all([
    cluster.get({ apiVersion, kind: "Promotion", namespace, name }, signal),
    cluster.get({ apiVersion, kind: "Environment", namespace, name: spec.from.environmentRef.name }, signal),
  ]);
  if (object === undefined || source === undefined) return undefined;
  const now = readPromotion(object);
  const same = object.metadata.uid === metadata.uid && object.metadata.generation === metadata.generation;
  const wanted = same && object.metadata.deletionTimestamp === undefined && now.spec.autoMerge && !now.spec.suspend;
  return wanted ? { hold: now.spec.hold, from: readEnvironment(source) } : undefined;
}
