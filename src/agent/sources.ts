import { setTimeout as pause } from "node:timers/promises";
import { type Failure, toFailure } from "../model/failure.ts";
import type { Credentials, Fetched, SourcePool, SourceSpec } from "../source/index.ts";

/** One Environment's view of its repository. */
export interface Subscription {
  /** The newest revision; waits for the first fetch. Throws its `Failure` while there never was a revision. */
  latest(signal: AbortSignal): Promise<Fetched>;
  /** Asks the server now, whatever the interval says. */
  refresh(signal: AbortSignal): Promise<Fetched>;
  /** Why the last fetch failed; undefined when it did not. */
  readonly failure: Failure | undefined;
  /** When the last fetch that succeeded ended. */
  readonly fetchedAt: Date | undefined;
  close(): void;
}

/** Asks every repository at its interval, once for all Environments that follow the same reference. */
export interface Sources {
  subscribe(
    source: {
      readonly spec: SourceSpec;
      readonly credentials: Credentials;
      readonly intervalMs: number;
    },
    /** `moved`: another revision than before; otherwise a failure came or went. */
    onChange: (moved: boolean) => void,
  ): Subscription;
  close(): Promise<void>;
}

const firstRetryMs = 1_000;

/** Sources over a pool of clones. */
export function createSources(pool: SourcePool): Sources {
  const polls = new Map<string, Poll>();
  return {
    subscribe({ spec, credentials, intervalMs }, onChange) {
      const key = JSON.stringify([spec, credentials]);
      const poll = polls.get(key) ?? new Poll((signal) => pool.fetch(spec, credentials, signal));
      polls.set(key, poll);
      const leave = poll.join(intervalMs, onChange);
      return {
        latest: (signal) => poll.latest(signal),
        refresh: (signal) => poll.refresh(signal),
        get failure() {
          return poll.failure;
        },
        get fetchedAt() {
          return poll.fetchedAt;
        },
        close() {
          leave();
          if (poll.idle && polls.get(key) === poll) {
            poll.stop();
            polls.delete(key);
          }
        },
      };
    },
    async close() {
      for (const poll of polls.values()) poll.stop();
      polls.clear();
      await pool.close();
    },
  };
}

/** The polling of one reference of one repository. */
class Poll {
  failure: Failure | undefined;
  fetchedAt: Date | undefined;
  #fetched: Fetched | undefined;
  #running: Promise<void> | undefined;
  #failures = 0;
  readonly #members = new Map<(moved: boolean) => void, number>();
  readonly #stopped = new AbortController();
  readonly #fetch: (signal: AbortSignal) => Promise<Fetched>;

  constructor(fetch: (signal: AbortSignal) => Promise<Fetched>) {
    this.#fetch = fetch;
    void this.#loop();
  }

  get idle(): boolean {
    return this.#members.size === 0;
  }

  join(intervalMs: number, onChange: (moved: boolean) => void): () => void {
    const member = (moved: boolean) => onChange(moved);
    this.#members.set(member, intervalMs);
    return () => void this.#members.delete(member);
  }

  stop(): void {
    this.#stopped.abort();
  }

  async latest(signal: AbortSignal): Promise<Fetched> {
    if (this.#fetched === undefined && this.failure === undefined) await this.#ask();
    signal.throwIfAborted();
    if (this.#fetched !== undefined) return this.#fetched;
    throw this.failure;
  }

  async refresh(signal: AbortSignal): Promise<Fetched> {
    await this.#ask();
    signal.throwIfAborted();
    if (this.failure !== undefined) throw this.failure;
    return this.latest(signal);
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.#ask();
      await pause(this.#pauseMs(), undefined, { signal }).catch(() => undefined);
    }
  }

  /** The shortest interval anybody asked for; sooner after a failure, with growing pauses, spread by chance. */
  #pauseMs(): number {
    const interval = Math.min(...this.#members.values(), 3_600_000);
    const backoff = this.#failures === 0 ? interval : Math.min(interval, firstRetryMs * 2 ** (this.#failures - 1));
    return backoff * (0.9 + 0.2 * Math.random());
  }

  /** One fetch at a time; who comes while it runs shares it. */
  #ask(): Promise<void> {
    this.#running ??= this.#askNow().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #askNow(): Promise<void> {
    const before = this.#fetched?.revision.commit;
    const failed = this.failure;
    try {
      this.#fetched = await this.#fetch(this.#stopped.signal);
      this.fetchedAt = new Date();
      this.failure = undefined;
      this.#failures = 0;
    } catch (thrown) {
      this.failure = toFailure(thrown);
      this.#failures += 1;
    }
    const moved = before !== undefined && this.#fetched?.revision.commit !== before;
    const changed = moved || this.failure?.message !== failed?.message;
    if (changed) for (const member of this.#members.keys()) member(moved);
  }
}
