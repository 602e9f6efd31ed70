import { type Cluster, createWatchCache, type ResourceType, type WatchCache } from "../../cluster/index.ts";
import type { Failure } from "../../model/failure.ts";
import type { ObjectId } from "../../model/object-id.ts";
import { type LiveListener, type LiveView, viewClosed } from "./live-view.ts";

interface ExternalCheckWatch {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly cache: WatchCache;
  /** Why the one before it was refused, until this one shows something. */
  readonly refusal: Failure | undefined;
  /** Its first list was refused. */
  readonly ended: boolean;
}

/**
 * A view of objects that belong to others, which an environment only waits for: one watch for each kind, version and
 * namespace, whole, whoever owns what is in it. Closed when the wait is over.
 */
export function createExternalCheckView(cluster: Cluster): LiveView {
  const caches = new Map<string, ExternalCheckWatch>();
  const listeners = new Set<LiveListener>();
  const closing = new AbortController();

  const open = (type: ResourceType, namespace: string, refusal: Failure | undefined): ExternalCheckWatch => {
    const scope = namespace === "" ? {} : { namespace };
    const cache = createWatchCache(cluster, { resource: type, metadataOnly: false, ...scope });
    cache.onChange(({ type: how, object }) => {
      const id = { group: type.group, kind: type.kind, namespace, name: object.metadata.name };
      for (const listener of [...listeners]) listener(id, how === "deleted" ? undefined : object);
    });
    const watch = { type, namespace, cache, refusal, ended: false };
    const listed = () => {
      watch.refusal = undefined;
    };
    cache.ready(closing.signal).then(listed, () => {
      watch.ended = true;
    });
    return watch;
  };
  const follow = async (type: ResourceType, namespace: string, signal: AbortSignal): Promise<void> => {
    closing.signal.throwIfAborted();
    const key = `${type.plural}.${type.version}.${type.group}/${namespace}`;
    const known = caches.get(key);
    // What was refused before may be allowed by now.
    const watch = known === undefined || known.ended ? open(type, namespace, known?.cache.failure()) : known;
    caches.set(key, watch);
    await watch.cache.ready(signal);
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
    get(id) {
      closing.signal.throwIfAborted();
      return cachesOf(id)
        .map(({ cache, type }) => cache.get(type.namespaced ? id : { name: id.name }))
        .find((object) => object !== undefined);
    },
    failure: (id) =>
      cachesOf(id)
        .map(({ cache, refusal }) => cache.failure() ?? refusal)
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
    closed: closing.signal,
    async close() {
      closing.abort(viewClosed());
      const open = [...caches.values()];
      caches.clear();
      await Promise.all(open.map(({ cache }) => cache.close()));
    },
  };
}
