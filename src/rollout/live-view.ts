import { inParallel, type ResourceType } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import type { ObjectId } from "../model/object-id.ts";
import type { Owner } from "../plan/index.ts";
import type { HeldWatch, LiveWatches, WatchListener } from "./live-watches.ts";

/** Told about an object that came, changed or went (`undefined`). */
export type LiveListener = (id: ObjectId, object: KubeObject | undefined) => void;

/** A kind, in the version that it is written in, and where its objects are: namespaces matter only to who may not read all. */
export interface Tracked {
  readonly type: ResourceType;
  readonly namespaces: readonly string[];
  /** Its health, or a rule of the Environment, lies in more than its metadata. */
  readonly whole: boolean;
}

/**
 * What the cluster holds of one environment, kept current by watches that it shares with the others of its identity. Where
 * that may not read a kind in all namespaces, there is a watch for each namespace instead.
 */
export interface LiveView {
  /**
   * Watches these kinds from now on, beside those before; resolves when everything is listed. Throws `Failure`: Forbidden
   * where even a namespace may not be read, what keeps a list from coming where that takes too long, or as the signal says.
   */
  track(wanted: readonly Tracked[], signal: AbortSignal): Promise<void>;
  /** Lets go of every other kind. */
  only(wanted: readonly Tracked[]): void;
  /** The object as last seen; undefined where there is none, or where its kind is not tracked. */
  get(id: ObjectId): KubeObject | undefined;
  /** Why what is known of an object may be old, or undefined while its watch follows. */
  failure(id: ObjectId): Failure | undefined;
  /** Says that the object should have been seen as it is by now: a watch that is open and deaf is made anew. */
  renew(id: ObjectId): void;
  /** Tells the listener of changes to what an Environment owns, its going over to another one among them. */
  onChange(owner: Owner, listener: LiveListener): () => void;
  /** Tells the listener that the cluster was restored from a backup: what was found out before may not be true. */
  onRewind(listener: () => void): () => void;
  close(): Promise<void>;
}

/** A first list that is not there by then is an error to be told; it goes on being asked for. */
const listPatienceMs = 30_000;

/** The view of one Environment. */
export function createLiveView(watches: LiveWatches, owner: Owner): LiveView {
  const uses = new Map<string, KindUse>();
  const listeners = new Set<LiveListener>();
  const rewinds = new Set<() => void>();
  const listener: WatchListener = {
    changed(type, change) {
      const { name, namespace = "" } = change.object.metadata;
      const id = { group: type.group, kind: type.kind, namespace, name };
      const object = change.type === "deleted" ? undefined : change.object;
      for (const each of [...listeners]) each(id, object);
    },
    rewound() {
      for (const each of [...rewinds]) each();
    },
  };
  let closed = false;
  const use = (wanted: Tracked): KindUse => {
    const key = useKey(wanted);
    const known = uses.get(key) ?? new KindUse(wanted, (namespace) => hold(wanted, namespace), watches);
    uses.set(key, known);
    return known;
  };
  const hold = ({ type, whole }: Tracked, namespace: string) =>
    watches.hold({ type, whole, namespace }, owner, listener);
  const usesOf = (id: ObjectId) => [...uses.values()].filter((each) => each.isOf(id));

  return {
    async track(wanted, signal) {
      if (closed) throw new Failure("Interrupted", { message: "the view was closed" });
      await inParallel(wanted, Math.max(1, wanted.length), (each) => use(each).follow(each.namespaces, signal), signal);
    },
    only(wanted) {
      const kept = new Set(wanted.map(useKey));
      for (const [key, each] of uses) {
        if (kept.has(key)) continue;
        uses.delete(key);
        each.release();
      }
    },
    get: (id) => firstOf(usesOf(id), (each) => each.watchOf(id)?.cache.get(id)),
    failure: (id) => firstOf(usesOf(id), (each) => each.watchOf(id)?.cache.failure()),
    renew(id) {
      for (const each of usesOf(id)) each.watchOf(id)?.cache.renew();
    },
    onChange(_owner, each) {
      const entry: LiveListener = (id, object) => each(id, object);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    onRewind(each) {
      const entry = () => each();
      rewinds.add(entry);
      return () => rewinds.delete(entry);
    },
    async close() {
      closed = true;
      for (const each of uses.values()) each.release();
      uses.clear();
    },
  };
}

/** One kind as one Environment uses it: by a single watch, or one for each of its namespaces. */
class KindUse {
  readonly #kind: Tracked;
  readonly #hold: (namespace: string) => HeldWatch;
  readonly #watches: LiveWatches;
  readonly #held = new Map<string, HeldWatch>();

  constructor(kind: Tracked, hold: (namespace: string) => HeldWatch, watches: LiveWatches) {
    this.#kind = kind;
    this.#hold = hold;
    this.#watches = watches;
  }

  isOf({ group, kind }: ObjectId): boolean {
    return this.#kind.type.group === group && this.#kind.type.kind === kind;
  }

  watchOf(id: ObjectId): HeldWatch | undefined {
    return this.#held.get("") ?? this.#held.get(id.namespace);
  }

  async follow(namespaces: readonly string[], signal: AbortSignal): Promise<void> {
    const { type } = this.#kind;
    const refused = this.#watches.refused(type) ?? (await this.#tryEverywhere(signal));
    if (refused === undefined) return;
    // Objects without a namespace are seen everywhere or not at all.
    if (!type.namespaced || namespaces.includes("")) throw refused;
    await Promise.all(namespaces.map((namespace) => this.#followOne(namespace, signal)));
  }

  release(): void {
    for (const watch of this.#held.values()) watch.release();
    this.#held.clear();
  }

  async #tryEverywhere(signal: AbortSignal): Promise<Failure | undefined> {
    try {
      await this.#followOne("", signal);
      return undefined;
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.code !== "Forbidden") throw thrown;
      this.#watches.refuse(this.#kind.type, thrown);
      return thrown;
    }
  }

  async #followOne(namespace: string, signal: AbortSignal): Promise<void> {
    const watch = this.#held.get(namespace) ?? this.#hold(namespace);
    this.#held.set(namespace, watch);
    const limit = AbortSignal.timeout(listPatienceMs);
    try {
      await watch.cache.ready(AbortSignal.any([signal, limit]));
    } catch (thrown) {
      if (signal.aborted) throw thrown;
      // It may just be slow, and goes on; what keeps it is told.
      if (limit.aborted) throw watch.cache.failure() ?? thrown;
      // A cache that was refused has ended.
      watch.release();
      if (this.#held.get(namespace) === watch) this.#held.delete(namespace);
      throw thrown;
    }
  }
}

function firstOf<Item, Found>(items: readonly Item[], find: (item: Item) => Found | undefined): Found | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Another version, scope or projection is another use of the kind. */
function useKey({ type, whole }: Tracked): string {
  const { group, version, kind, plural, namespaced } = type;
  return [group, version, kind, plural, namespaced, whole].join(" ");
}
