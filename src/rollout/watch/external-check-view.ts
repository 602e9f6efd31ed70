import type { ResourceType, Subscription, WatchHub } from "../../cluster/index.ts";
import type { Failure } from "../../model/failure.ts";
import type { ObjectId } from "../../model/object-id.ts";
import { firstOf } from "./kind-use.ts";
import { type LiveListener, type LiveView, viewClosed } from "./live-view.ts";

interface ExternalWatch {
  readonly type: ResourceType;
  readonly namespace: string;
  readonly objects: Subscription;
  /** Why the watch before this one was refused; it counts until this one is listed. */
  readonly refusal: Failure | undefined;
}

/**
 * The objects of `healthChecks`, which an environment waits for but does not own: whole, one watch for each kind, version and
 * namespace. Closed when the wait is over.
 */
export function createExternalCheckView(hub: WatchHub): LiveView {
  const watches = new Map<string, ExternalWatch>();
  const listeners = new Set<LiveListener>();
  const closing = new AbortController();

  const open = (type: ResourceType, namespace: string, refusal: Failure | undefined): ExternalWatch => {
    const objects = hub.subscribe({ resource: type, namespace, metadataOnly: false });
    objects.onChange(({ type: how, object }) => {
      const id = { group: type.group, kind: type.kind, namespace, name: object.metadata.name };
      for (const listener of [...listeners]) listener(id, how === "deleted" ? undefined : object);
    });
    return { type, namespace, objects, refusal };
  };
  const follow = async (type: ResourceType, namespace: string, signal: AbortSignal): Promise<void> => {
    closing.signal.throwIfAborted();
    const key = `${type.plural}.${type.version}.${type.group}/${namespace}`;
    const known = watches.get(key);
    const isUsable = known !== undefined && known.objects.state !== "ended";
    // A watch that was refused is opened again: the rights may have changed.
    const watch = isUsable ? known : open(type, namespace, known?.objects.failure());
    if (!isUsable) void known?.objects.close();
    watches.set(key, watch);
    await watch.objects.ready(signal);
  };
  // A cluster-scoped object is found whatever namespace its reference was given.
  const watchesOf = ({ group, kind, namespace }: ObjectId) =>
    [...watches.values()].filter(
      ({ type, ...each }) =>
        type.group === group && type.kind === kind && (each.namespace === namespace || !type.namespaced),
    );

  return {
    async track(wanted, signal) {
      const all = wanted.flatMap(({ type, namespaces }) =>
        (type.namespaced ? namespaces : [""]).map((namespace) => follow(type, namespace, signal)),
      );
      await Promise.all(all);
    },
    retain: () => undefined,
    get(id) {
      closing.signal.throwIfAborted();
      return firstOf(watchesOf(id), ({ objects, type }) => objects.get(type.namespaced ? id : { name: id.name }));
    },
    failure: (id) =>
      firstOf(watchesOf(id), ({ objects, refusal }) =>
        objects.state === "listed" ? objects.failure() : (objects.failure() ?? refusal),
      ),
    renew(id) {
      for (const { objects } of watchesOf(id)) objects.renew();
    },
    onChange(listener) {
      const entry: LiveListener = (id, object) => listener(id, object);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    onRewind: () => () => undefined,
    closed: closing.signal,
    async close() {
      closing.abort(viewClosed());
      const open = [...watches.values()];
      watches.clear();
      await Promise.all(open.map(({ objects }) => objects.close()));
    },
  };
}
