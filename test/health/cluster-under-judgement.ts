import { assess, type Evidence } from "../../src/health/index.ts";
import type { JsonObject } from "../../src/model/json/json.ts";
import type { KubeObject } from "../../src/model/manifest.ts";
import type { Verdict } from "../../src/model/verdict.ts";
import type { KubeClient } from "../support/control-plane/kube-client.ts";
import { eventually } from "../support/wait.ts";

/** A real cluster, and the verdicts on what is in it. */
export interface Court {
  /** Creates the object, or changes it by a merge patch where it exists. */
  put(path: string, object: JsonObject): Promise<void>;
  /** Everything the rules are handed, as it is now. */
  evidence(path: string, since?: Date): Promise<Evidence>;
  /**
   * The verdicts as they change, up to the first that is `wanted`. Throws when there is none, and when the object fails
   * on the way without failure being wanted.
   */
  until(path: string, wanted: (verdict: Verdict) => boolean, since?: Date): Promise<Verdict>;
}

interface List {
  readonly items: readonly KubeObject[];
}

/** Judges over a client. Paths are those of single objects. */
export function holdCourt(kube: KubeClient): Court {
  const listOf = async (path: string): Promise<readonly KubeObject[]> => (await kube.request<List>("GET", path)).items;

  async function evidence(path: string, since?: Date): Promise<Evidence> {
    const object = await kube.request<KubeObject>("GET", path);
    const namespace = `namespaces/${object.metadata.namespace}`;
    if (object.metadata.namespace === undefined) return { object, pods: [], events: [], ...(since && { since }) };
    const [pods, related, events] = await Promise.all([
      listOf(`/api/v1/${namespace}/pods`),
      listOf(`/apis/apps/v1/${namespace}/replicasets`),
      listOf(`/api/v1/${namespace}/events`),
    ]);
    return { object, pods, related, events, ...(since !== undefined && { since }) };
  }

  return {
    evidence,
    put: async (path, object) => {
      const collection = path.slice(0, path.lastIndexOf("/"));
      const patched = await kube.request("PATCH", path, object).catch(() => undefined);
      if (patched === undefined) await kube.request("POST", collection, object);
    },
    until: async (path, wanted, since) => {
      let last: Verdict | undefined;
      const probe = async (): Promise<Verdict | undefined> => {
        last = assess(await evidence(path, since), new Date());
        return wanted(last) || last.state === "failed" ? last : undefined;
      };
      const verdict = await eventually(probe, { what: `the wanted verdict on ${path}` }).catch((thrown: unknown) => {
        throw new Error(`the last verdict on ${path} was ${JSON.stringify(last)}`, { cause: thrown });
      });
      if (!wanted(verdict)) throw new Error(`${path} failed: ${verdict.message}`);
      return verdict;
    },
  };
}
