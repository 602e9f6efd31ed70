import { type Cluster, refOf } from "../../cluster/index.ts";
import { assess } from "../../health/index.ts";
import { Failure, type Problem } from "../../model/failure.ts";
import { isObject, listAt, stringAt } from "../../model/json/json.ts";
import { type KubeObject, type Manifest, placeOf } from "../../model/manifest.ts";
import { describeId } from "../../model/object-id.ts";
import { poll } from "./poll.ts";

/** The definition itself is read once in so many polls, once a second: mostly it is about to be served. */
const pollsPerRead = 10;

/**
 * Waits until every kind that these CRDs define is served. Throws `Failure`: HealthFailed as soon as the API server has not
 * accepted one of them, HealthTimeout where the signal is a time limit that ends first; ClusterUnreachable where the API
 * server does not answer.
 */
export async function waitUntilServed(
  cluster: Pick<Cluster, "resource" | "get">,
  definitions: readonly Manifest[],
  signal: AbortSignal,
): Promise<void> {
  for (const definition of definitions) {
    const { object } = definition;
    const group = stringAt(object, "spec", "group") ?? "";
    const kind = stringAt(object, "spec", "names", "kind") ?? "";
    for (const version of servedVersions(object)) {
      let polls = 0;
      const isServed = async () => {
        if ((await cluster.resource(`${group}/${version}`, kind, signal)) !== undefined) return true;
        polls += 1;
        if (polls % pollsPerRead === 0) await refuseFailed(cluster, definition, signal);
        return false;
      };
      const message = `${kind} is not served in ${group}/${version} yet`;
      await poll(isServed, () => problemOf(definition, message), signal);
    }
  }
}

async function refuseFailed(cluster: Pick<Cluster, "get">, definition: Manifest, signal: AbortSignal): Promise<void> {
  const object = await cluster.get(refOf(definition.object), signal);
  const verdict = object && assess({ object, pods: [], events: [] }, new Date());
  if (verdict?.state === "failed") throw new Failure("HealthFailed", problemOf(definition, verdict.message));
}

function problemOf({ id, origin }: Manifest, message: string): Problem {
  return { ...placeOf(origin), object: describeId(id), message };
}

function servedVersions(definition: KubeObject): readonly string[] {
  return listAt(definition, "spec", "versions")
    .filter((version) => isObject(version) && version.served === true)
    .flatMap((version) => stringAt(version, "name") ?? []);
}
