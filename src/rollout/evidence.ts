import { type Cluster, createWatchCache, type ResourceType, type WatchCache } from "../cluster/index.ts";
import type { Evidence } from "../health/index.ts";
import { listAt, stringAt } from "../model/json.ts";
import type { KubeObject } from "../model/manifest.ts";

/**
 * Pods, ReplicaSets and warnings of the namespaces in which something is waited for. Watched while somebody waits there,
 * and dropped with the last one.
 */
export interface EvidenceView {
  /** Watches a namespace until the returned function is called. Kinds that may not be read are done without. */
  follow(namespace: string, onChange: () => void): () => void;
  /** What is known of a workload beside itself. */
  of(object: KubeObject): Pick<Evidence, "pods" | "related" | "events">;
  /** How many watches are open. */
  readonly size: number;
  close(): Promise<void>;
}

const core = (kind: string, plural: string): ResourceType => ({
  group: "",
  version: "v1",
  kind,
  plural,
  namespaced: true,
  verbs: ["list", "watch"],
});
const kinds = {
  pods: core("Pod", "pods"),
  replicaSets: { ...core("ReplicaSet", "replicasets"), group: "apps" },
  events: core("Event", "events"),
} as const;

interface Watched {
  readonly caches: Record<keyof typeof kinds, EvidenceWatch>;
  readonly listeners: Set<() => void>;
}

interface EvidenceWatch {
  readonly resource: ResourceType;
  readonly cache: WatchCache;
  /** Its first list was refused. */
  readonly ended: boolean;
}

/** Evidence over one connection. */
export function createEvidenceView(cluster: Cluster): EvidenceView {
  const namespaces = new Map<string, Watched>();

  function start(namespace: string): Watched {
    const listeners = new Set<() => void>();
    const open = (resource: ResourceType) => watch(resource, namespace, listeners);
    const caches = { pods: open(kinds.pods), replicaSets: open(kinds.replicaSets), events: open(kinds.events) };
    return { caches, listeners };
  }

  function watch(resource: ResourceType, namespace: string, listeners: ReadonlySet<() => void>): EvidenceWatch {
    const cache = createWatchCache(cluster, { resource, namespace, metadataOnly: false });
    cache.onChange(() => {
      for (const listener of listeners) listener();
    });
    const opened = { resource, cache, ended: false };
    cache.ready(new AbortController().signal).then(undefined, () => {
      opened.ended = true;
    });
    return opened;
  }

  /** What was refused before may be allowed by now. */
  function startAgain(namespace: string, watched: Watched): Watched {
    for (const name of ["pods", "replicaSets", "events"] as const) {
      const { resource, ended } = watched.caches[name];
      if (ended) watched.caches[name] = watch(resource, namespace, watched.listeners);
    }
    return watched;
  }

  return {
    follow(namespace, onChange) {
      const known = namespaces.get(namespace);
      const watched = known === undefined ? start(namespace) : startAgain(namespace, known);
      namespaces.set(namespace, watched);
      const listener = () => onChange();
      watched.listeners.add(listener);
      return () => {
        watched.listeners.delete(listener);
        if (watched.listeners.size > 0 || namespaces.get(namespace) !== watched) return;
        namespaces.delete(namespace);
        void closeAll(watched);
      };
    },
    of(object) {
      const watched = namespaces.get(object.metadata.namespace ?? "");
      if (watched === undefined) return { pods: [], related: [], events: [] };
      const related = [...watched.caches.replicaSets.cache.all()].filter((each) => ownedByOneOf(each, [object]));
      const pods = [...watched.caches.pods.cache.all()].filter((each) => ownedByOneOf(each, [object, ...related]));
      const about = new Set([object, ...related, ...pods].map((each) => each.metadata.uid));
      const events = [...watched.caches.events.cache.all()].filter((event) =>
        about.has(stringAt(event, "involvedObject", "uid")),
      );
      return { pods, related, events };
    },
    get size() {
      return namespaces.size * Object.keys(kinds).length;
    },
    async close() {
      await Promise.all([...namespaces.values()].map(closeAll));
      namespaces.clear();
    },
  };
}

async function closeAll(watched: Watched): Promise<void> {
  await Promise.all(Object.values(watched.caches).map(({ cache }) => cache.close()));
}

function ownedByOneOf(object: KubeObject, owners: readonly KubeObject[]): boolean {
  const uids = listAt(object, "metadata", "ownerReferences").map((reference) => stringAt(reference, "uid"));
  return owners.some((owner) => owner.metadata.uid !== undefined && uids.includes(owner.metadata.uid));
}
