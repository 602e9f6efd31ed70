import { heardElsewhere } from "../../model/async/heard-elsewhere.ts";
import { Failure, toFailure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import type { Cluster } from "../cluster.ts";
import { createWatchCache, type WatchCache, type WatchedObjects } from "./cache.ts";
import type { ChangeListener } from "./change-router.ts";
import type { WatchPace, WatchQuery } from "./follower.ts";
import type { KeysOf } from "./object-index.ts";

/** `ended`: it is refused, its first list or what came after, and shows nothing that can be relied on; another one may show more. */
export type WatchState = "listing" | "listed" | "ended";

/** One user's share of a watch. */
export interface Subscription extends WatchedObjects {
  readonly state: WatchState;
  /** The objects that have the key, without a look at any other. */
  by(keysOf: KeysOf, key: string): readonly KubeObject[];
  /** As `onChange`, of the objects that have the key, or had it until then. */
  onChangeOf(keysOf: KeysOf, key: string, listener: ChangeListener): () => void;
  /** Calls no listener any more, ends `ready`, and closes the watch where nobody else uses it. */
  close(): Promise<void>;
}

/** What a hub wants to know of a watch. */
export interface SharedWatchOptions {
  readonly pace?: WatchPace;
  /** The first list was refused. */
  refused(failure: Failure): void;
  /** The last user left; it is closed. */
  unused(): void;
}

interface User {
  readonly left: AbortController;
  /** How to stop each of its listeners. */
  readonly stops: Set<() => void>;
}

/** A watch and its users. */
export class SharedWatch {
  readonly #cache: WatchCache;
  readonly #users = new Set<User>();
  readonly #options: SharedWatchOptions;
  #refused = false;

  constructor(cluster: Cluster, query: WatchQuery, options: SharedWatchOptions) {
    this.#options = options;
    this.#cache = createWatchCache(cluster, query, options.pace);
    const listed = this.#cache.ready(new AbortController().signal).catch((thrown: unknown) => {
      this.#refused = true;
      options.refused(toFailure(thrown));
    });
    heardElsewhere(listed);
  }

  /** Also where the right to read was taken away: it goes on asking, and shows what was there then. */
  get hasEnded(): boolean {
    return this.#refused || this.#cache.failure()?.code === "Forbidden";
  }

  join(): Subscription {
    const user: User = { left: new AbortController(), stops: new Set() };
    this.#users.add(user);
    return this.#subscriptionOf(user);
  }

  close(): Promise<void> {
    return this.#cache.close();
  }

  #subscriptionOf(user: User): Subscription {
    const cache = this.#cache;
    const state = (): WatchState => (this.hasEnded ? "ended" : cache.hasListed ? "listed" : "listing");
    return {
      get state() {
        return state();
      },
      ready: (signal) => cache.ready(AbortSignal.any([signal, user.left.signal])),
      get: cache.get,
      all: cache.all,
      by: cache.by,
      onChange: (listener) => keep(user, cache.onChange(listener)),
      onChangeOf: (keysOf, key, listener) => keep(user, cache.onChangeOf(keysOf, key, listener)),
      onRewind: (listener) => keep(user, cache.onRewind(listener)),
      renew: cache.renew,
      failure: cache.failure,
      close: () => this.#leave(user),
    };
  }

  async #leave(user: User): Promise<void> {
    if (!this.#users.delete(user)) return;
    for (const stop of user.stops) stop();
    user.left.abort(new Failure("Interrupted", { message: "the watch was closed" }));
    if (this.#users.size > 0) return;
    this.#options.unused();
    await this.#cache.close();
  }
}

/** Keeps how to stop a listener, for when its user leaves. */
function keep({ stops, left }: User, stop: () => void): () => void {
  if (left.signal.aborted) stop();
  else stops.add(stop);
  return () => {
    stops.delete(stop);
    stop();
  };
}
