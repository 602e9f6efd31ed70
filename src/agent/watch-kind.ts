import { type Alarm, after, guarded, reportBug } from "../clock/index.ts";
import type { Change, ResourceType, WatchedObjects, WatchHub } from "../cluster/index.ts";
import { heardElsewhere } from "../model/async/heard-elsewhere.ts";
import { untilAborted } from "../model/async/until-aborted.ts";
import { type Failure, toFailure } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import type { Log } from "./log.ts";

/** Where the agent looks for objects of its own kinds. */
export interface Watched {
  readonly watches: WatchHub;
  /** All of them where this is empty. */
  readonly namespaces: readonly string[];
  readonly log: Log;
}

/**
 * Watches a kind in all namespaces, or in some with one watch each, which takes rights in those alone. One of several that may
 * not be listed is logged and retried, and does not keep the others; `ready` rejects where none may be listed.
 */
export function watchKind(resource: ResourceType, where: Watched, retryMs: number = standardRetryMs): WatchedObjects {
  const namespaces = [...new Set(where.namespaces)];
  const open = (namespace: string) => where.watches.subscribe({ resource, namespace, metadataOnly: false });
  const [only = ""] = namespaces;
  if (namespaces.length < 2) return open(only);
  const refused = (namespace: string, { code, problems }: Failure) =>
    where.log.warn({ namespace, kind: resource.kind, code, problems }, "a namespace cannot be listed; retrying");
  return new SeveralNamespaces(namespaces, { open, refused, retryMs });
}

const standardRetryMs = 15_000;

interface Opening {
  readonly open: (namespace: string) => WatchedObjects;
  readonly refused: (namespace: string, why: Failure) => void;
  readonly retryMs: number;
}

/** The watches of several namespaces as if they were one. */
class SeveralNamespaces implements WatchedObjects {
  readonly #ready: Promise<void>;
  readonly #closing = new AbortController();
  readonly #rewinds = new Set<() => void>();
  readonly #how: Opening;
  readonly #caches = new Map<string, WatchedObjects>();
  readonly #listeners = new Set<(change: Change) => void>();
  readonly #retries = new Map<string, Alarm>();

  constructor(namespaces: readonly string[], how: Opening) {
    this.#how = how;
    this.#ready = this.#openAll(namespaces);
    heardElsewhere(this.#ready);
  }

  ready(signal: AbortSignal): Promise<void> {
    return untilAborted(this.#ready, signal);
  }

  get({ namespace = "", name }: { readonly namespace?: string; readonly name: string }): KubeObject | undefined {
    return this.#caches.get(namespace)?.get({ namespace, name });
  }

  all(): readonly KubeObject[] {
    return [...this.#caches.values()].flatMap((cache) => cache.all());
  }

  onChange(listener: (change: Change) => void): () => void {
    const entry = guarded(listener, reportBug);
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  onRewind(listener: () => void): () => void {
    const entry = guarded(listener, reportBug);
    this.#rewinds.add(entry);
    return () => this.#rewinds.delete(entry);
  }

  renew(): void {
    for (const cache of this.#caches.values()) cache.renew();
  }

  /** One that follows is enough: what is wrong with a single namespace must not take the agent from the others. */
  failure(): Failure | undefined {
    const failures = [...this.#caches.values()].map((cache) => cache.failure());
    return failures.includes(undefined) ? undefined : failures[0];
  }

  async close(): Promise<void> {
    this.#closing.abort();
    for (const retry of this.#retries.values()) retry.stop();
    await Promise.all([...this.#caches.values()].map((cache) => cache.close()));
  }

  async #openAll(namespaces: readonly string[]): Promise<void> {
    const refusals = await Promise.all(namespaces.map((namespace) => this.#openOne(namespace)));
    const [first] = refusals;
    if (first !== undefined && !refusals.includes(undefined)) {
      await this.close();
      throw first;
    }
  }

  async #openOne(namespace: string): Promise<Failure | undefined> {
    const cache = this.#how.open(namespace);
    // Known from the start, so that closing ends one that waits for its first list.
    this.#caches.set(namespace, cache);
    try {
      await cache.ready(this.#closing.signal);
    } catch (thrown) {
      const why = toFailure(thrown);
      this.#caches.delete(namespace);
      // A hub keeps a refused watch until its last user leaves.
      await cache.close();
      if (!this.#closing.signal.aborted) this.#tryLater(namespace, why);
      return why;
    }
    for (const object of cache.all()) this.#emit({ type: "added", object });
    cache.onChange((change) => this.#emit(change));
    cache.onRewind(() => {
      for (const listener of [...this.#rewinds]) listener();
    });
    return undefined;
  }

  #tryLater(namespace: string, why: Failure): void {
    this.#how.refused(namespace, why);
    const retry = after(this.#how.retryMs, () => void this.#openOne(namespace).catch(reportBug), reportBug);
    this.#retries.set(namespace, retry);
  }

  #emit(change: Change): void {
    for (const listener of [...this.#listeners]) listener(change);
  }
}
