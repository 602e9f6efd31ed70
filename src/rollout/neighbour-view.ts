import { type Cluster, createWatchCache, type ResourceType, type WatchCache } from "../cluster/index.ts";
import type { ObjectId } from "../model/object-id.ts";
import type { LiveListener, LiveView } from "./live-view.ts";

/**
 * A view of objects that belong to others, which an environment only waits for: one watch for each kind, version and
 * namespace, whole, whoever owns what is in it. Closed when the wait is over.
 */
export function createNeighbourView(cluster: Cluster): LiveView {
  const caches = new Map<
    string,
    { readonly type: ResourceType; readonly namespace: string; readonly cache: WatchCache }
  >();
  const listeners = new Set<LiveListener>();

  const open = (type: ResourceType, namespace: string): WatchCache => {
    const scope = namespace === "" ? {} : { namespace };
    const cache = createWatchCache(cluster, { resource: type, metadataOnly: false, ...scope });
    cache.onChange(({ type: how, object }) => {
      const id = { group: type.group, kind: type.kind, namespace, name: object.metadata.name };
      for (const listener of [...listeners]) listener(id, how === "deleted" ? undefined : object);
    });
    return cache;
  };
  const follow = async (type: ResourceType, namespace: string, signal: AbortSignal): Promise<void> => {
    const key = `${type.plural}.${type.version}.${type.group}/${namespace}`;
    const known = caches.get(key) ?? { type, namespace, cache: open(type, namespace) };
    caches.set(key, known);
    await known.cache.ready(signal);
  };
  // A cluster-scoped object is found whatever namespace its reference was given.
  const cachesOf = ({ group, kind, namespace }: ObjectId) =>
    [...caches.values()].filter(
      (each) =>
        each.type.group === group && each.type.kind === kind && (each.namespace === namespace || !each.type.namespaced),
    );

  return {
    async track(wanted, signal) {
      const all = wanted.flatMap(({ type, namespaces }) =>
        (type.namespaced ? namespaces : [""]).map((namespace) => follow(type, namespace, signal)),
      );
      await Promise.all(all);
    },
    only: () => undefined,
    get: (id) =>
      cachesOf(id)
        .map(({ cache, type }) => cache.get(type.namespaced ? id : { name: id.name }))
        .find((object) => object !== undefined),
    failure: (id) =>
      cachesOf(id)
        .map(({ cache }) => cache.failure())
        .find((failure) => failure !== undefined),
    renew(id) {
      for (const { cache } of cachesOf(id)) cache.renew();
    },
    onChange(_owner, listener) {
      const entry: LiveListener = (id, object) => listener(id, object);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    onRewind: () => () => undefined,
    async close() {
      const open = [...caches.values()];
      caches.clear();
      await Promise.all(open.map(({ cache }) => cache.close()));
    },
  };
}
