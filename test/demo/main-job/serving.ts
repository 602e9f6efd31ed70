import { setTimeout as pause } from "node:timers/promises";
import { type Cluster, refOf } from "../../../src/cluster/index.ts";
import { Failure } from "../../../src/model/failure.ts";
import { numberAt } from "../../../src/model/json/json.ts";
import type { KubeObject } from "../../../src/model/manifest.ts";

/** What was seen of a ReplicaSet without a gap. */
export interface Served {
  /** The fewest ready replicas there ever were. */
  readonly fewest: number;
  /** How many states of it the API server told. */
  readonly states: number;
}

/** A ReplicaSet under observation. */
export interface Serving {
  /** Ends the observation, once it has seen the present, and says what was seen. Throws `ClusterUnreachable` if there was a gap. */
  readonly end: (signal: AbortSignal) => Promise<Served>;
}

const watchSeconds = 600;

/**
 * Watches a ReplicaSet from the state at hand on. The API server tells a watch every state an object goes through, so
 * nothing can fall between two looks, as with polling.
 */
export async function observeServing(cluster: Cluster, replicaSet: KubeObject, signal: AbortSignal): Promise<Serving> {
  const type = await cluster.resource("apps/v1", "ReplicaSet", signal);
  if (type === undefined) throw new Failure("KindUnknown", { message: `${cluster.server} serves no ReplicaSets` });
  const ended = new AbortController();
  const { name, namespace = "", resourceVersion = "" } = replicaSet.metadata;
  let seen = resourceVersion;
  let fewest = readyReplicas(replicaSet);
  let states = 1;
  const follow = async (): Promise<void> => {
    const options = { namespace, resourceVersion, timeoutSeconds: watchSeconds, silenceMs: watchSeconds * 1000 };
    for await (const event of cluster.watch(type, options, AbortSignal.any([signal, ended.signal]))) {
      if (event.type === "EXPIRED") return;
      if (!("object" in event) || event.object.metadata.name !== name) continue;
      states += 1;
      fewest = Math.min(fewest, event.type === "DELETED" ? 0 : readyReplicas(event.object));
      seen = event.object.metadata.resourceVersion ?? "";
    }
  };
  let over = false;
  const following = follow()
    .catch(() => undefined)
    .finally(() => {
      over = true;
    });
  return {
    async end(endSignal) {
      for (;;) {
        const live = await cluster.get(refOf(replicaSet), endSignal);
        if (live === undefined || live.metadata.resourceVersion === seen) break;
        if (over) throw new Failure("ClusterUnreachable", { message: `the watch of ReplicaSet ${name} broke` });
        await pause(50, undefined, { signal: endSignal });
      }
      ended.abort();
      await following;
      return { fewest, states };
    },
  };
}

function readyReplicas(replicaSet: KubeObject): number {
  return numberAt(replicaSet, "status", "readyReplicas") ?? 0;
}
