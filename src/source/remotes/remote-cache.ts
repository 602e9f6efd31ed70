import type { Failure } from "../../model/failure.ts";
import { type RemoteReference, remoteKey, shownUrl } from "../../model/remote.ts";
import { placed } from "./remote-failures.ts";
import { isMoving, type RemoteResolver, type ResolvedRemote } from "./resolve-remote.ts";

/** One run over the references of a tree. */
export interface Round {
  readonly resolver: RemoteResolver;
  readonly maxAgeMs: number;
  readonly signal: AbortSignal;
  /** Gets the failures of references for which an older resolution stands in. */
  readonly failures: Failure[];
}

interface Resolution {
  readonly resolved: ResolvedRemote;
  /** When it was last tried, also in vain. */
  readonly at: number;
  /** Why the last try failed, and the resolution is an older one. */
  readonly failure?: Failure;
}

/** Remembers what references resolved to. */
export class RemoteCache {
  readonly #resolutions = new Map<string, Resolution>();
  readonly #onFetch: ((url: string) => void) | undefined;

  /** Before something is fetched, `onFetch` gets its URL without credentials. */
  constructor(onFetch: ((url: string) => void) | undefined) {
    this.#onFetch = onFetch;
  }

  /**
   * What a reference resolves to: as known where that is young enough or cannot move, else anew. Where resolving anew fails, the
   * known one stands in. Throws `Failure` where there is none.
   */
  async resolve(reference: RemoteReference, round: Round): Promise<ResolvedRemote> {
    const key = remoteKey(reference);
    const known = this.#resolutions.get(key);
    if (known !== undefined && (!isMoving(known.resolved) || performance.now() - known.at < round.maxAgeMs)) {
      if (known.failure !== undefined) round.failures.push(known.failure);
      return known.resolved;
    }
    this.#onFetch?.(shownUrl(reference.text));
    try {
      const resolved = await round.resolver.resolve(reference, known?.resolved, round.signal);
      this.#resolutions.set(key, { resolved, at: performance.now() });
      return resolved;
    } catch (thrown) {
      round.signal.throwIfAborted();
      if (known === undefined) throw thrown;
      const failure = placed(thrown, reference);
      round.failures.push(failure);
      this.#resolutions.set(key, { ...known, at: performance.now(), failure });
      return known.resolved;
    }
  }

  /** Forgets all but the references with these keys. */
  retain(keys: ReadonlySet<string>): void {
    for (const key of this.#resolutions.keys()) if (!keys.has(key)) this.#resolutions.delete(key);
  }
}
