import { setTimeout as pause } from "node:timers/promises";
import type { Cluster, ObjectRef } from "../cluster/index.ts";
import { isObject, listAt, stringAt } from "../model/json.ts";
import type { KubeObject } from "../model/manifest.ts";

/** Short waits of the apply itself, a second or two at most: looked at again this often. */
const pollMs = 100;

/** Waits until every kind that these CRDs define is served. The caller's signal is the limit. */
export async function waitUntilServed(
  cluster: Cluster,
  definitions: readonly KubeObject[],
  signal: AbortSignal,
): Promise<void> {
  for (const definition of definitions) {
    const group = stringAt(definition, "spec", "group") ?? "";
    const kind = stringAt(definition, "spec", "names", "kind") ?? "";
    for (const version of servedVersions(definition)) {
      while ((await cluster.resource(`${group}/${version}`, kind, signal)) === undefined)
        await pause(pollMs, undefined, { signal });
    }
  }
}

/** Waits until an object is gone, or another one has taken its name. */
export async function waitUntilGone(cluster: Cluster, ref: ObjectRef, uid: string, signal: AbortSignal): Promise<void> {
  while ((await cluster.get(ref, signal))?.metadata.uid === uid) await pause(pollMs, undefined, { signal });
}

function servedVersions(definition: KubeObject): readonly string[] {
  return listAt(definition, "spec", "versions")
    .filter((version) => isObject(version) && version.served === true)
    .flatMap((version) => stringAt(version, "name") ?? []);
}
