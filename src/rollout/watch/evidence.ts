import { type Cluster, createWatchCache, type ResourceType, type WatchCache } from "../../cluster/index.ts";
import type { Evidence } from "../../health/index.ts";
import { listAt, stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";

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
  /** Called when what is in it changes. */
  readonly changed: () => void;
  /** Made when it is first asked for, and again after a change. */
  index: Index | undefined;
}

/** What is in a namespace, by the uid of what it belongs to or is about: each of many workloads asks. */
interface Index {
  readonly pods: ReadonlyMap<string, readonly KubeObject[]>;
  readonly replicaSets: ReadonlyMap<string, readonly KubeObject[]>;
  readonly events: ReadonlyMap<string, readonly KubeObject[]>;
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
    const changed = () => {
      watched.index = undefined;
      for (const listener of listeners) listener();
    };
    const open = (resource: ResourceType) => watch(resource, namespace, changed);
    const caches = { pods: open(kinds.pods), replicaSets: open(kinds.replicaSets), events: open(kinds.events) };
    const watched: Watched = { caches, listeners, changed, index: undefined };
    return watched;
  }

  function watch(resource: ResourceType, namespace: string, changed: () => void): EvidenceWatch {
    const cache = createWatchCache(cluster, { resource, namespace, metadataOnly: false });
    cache.onChange(changed);
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
      if (ended) watched.caches[name] = watch(resource, namespace, watched.changed);
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
      watched.index ??= indexOf(watched);
      const { pods, replicaSets, events } = watched.index;
      const related = belonging(replicaSets, [object]);
      const own = belonging(pods, [object, ...related]);
      return { pods: own, related, events: belonging(events, [object, ...related, ...own]) };
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

function indexOf({ caches }: Watched): Index {
  return {
    pods: byUids(caches.pods.cache, ownersOf),
    replicaSets: byUids(caches.replicaSets.cache, ownersOf),
    events: byUids(caches.events.cache, (event) => [stringAt(event, "involvedObject", "uid")]),
  };
}

function byUids(cache: WatchCache, uidsOf: (object: KubeObject) => readonly (string | undefined)[]): Index["pods"] {
  const found = new Map<string, KubeObject[]>();
  for (const object of cache.all()) {
    for (const uid of new Set(uidsOf(object))) {
      if (uid === undefined) continue;
      const others = found.get(uid);
      if (others === undefined) found.set(uid, [object]);
      else others.push(object);
    }
  }
  return found;
}

/** Each once, in the order of those that it belongs to. */
function belonging(index: Index["pods"], to: readonly KubeObject[]): readonly KubeObject[] {
  const found = to.flatMap(({ metadata: { uid } }) => (uid === undefined ? [] : (index.get(uid) ?? [])));
  return [...new Set(found)];
}

function ownersOf(object: KubeObject): readonly (string | undefined)[] {
  return listAt(object, "metadata", "ownerReferences").map((reference) => stringAt(reference, "uid"));
}
