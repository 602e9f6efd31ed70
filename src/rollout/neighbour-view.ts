import { type Cluster, createWatchCache, type WatchCache } from "../cluster/index.ts";
import type { LiveListener, LiveView } from "./live-view.ts";

/**
 * A view of objects that belong to others, which an environment only waits for: one watch for each kind and namespace,
 * whoever owns what is in it. Closed when the wait is over.
 */
export function createNeighbourView(cluster: Cluster): LiveView {
  const caches = new Map<string, WatchCache>();
  const listeners = new Set<LiveListener>();
  const keyOf = (id: { readonly group: string; readonly kind: string }, namespace: string) =>
    `${id.kind}.${id.group}/${namespace}`;
  return {
    async track(wanted) {
      const started = wanted.flatMap(({ type, namespaces }) =>
        (type.namespaced ? namespaces : [""]).map((namespace) => {
          const key = keyOf(type, namespace);
          const scope = namespace === "" ? {} : { namespace };
          const cache = caches.get(key) ?? createWatchCache(cluster, { resource: type, metadataOnly: false, ...scope });
          caches.set(key, cache);
          cache.onChange(({ type: how, object }) => {
            const id = { group: type.group, kind: type.kind, namespace, name: object.metadata.name };
            for (const listener of listeners) listener(id, how === "deleted" ? undefined : object);
          });
          return cache.ready;
        }),
      );
      await Promise.all(started);
    },
    // A cluster-scoped object is found whatever namespace its reference was given.
    get: (id) => caches.get(keyOf(id, id.namespace))?.get(id) ?? caches.get(keyOf(id, ""))?.get({ name: id.name }),
    failure: (id) => (caches.get(keyOf(id, id.namespace)) ?? caches.get(keyOf(id, "")))?.failure(),
    renew: (id) => (caches.get(keyOf(id, id.namespace)) ?? caches.get(keyOf(id, "")))?.renew(),
    onChange(_owner, listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      await Promise.all([...caches.values()].map((cache) => cache.close()));
    },
  };
}
