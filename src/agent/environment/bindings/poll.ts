import { backoffMs, createSingleFlight, guarded, reportBug, rest } from "../../../clock/index.ts";
import { untilAborted } from "../../../model/async/until-aborted.ts";
import { Failure, toFailure } from "../../../model/failure.ts";
import type { Fetched } from "../../../source/index.ts";

const firstRetryMs = 1_000;
const longestMs = 3_600_000;

/**
 * How long to wait after so many failures in a row, in milliseconds: the interval after none, growing pauses up to the
 * interval after some. These are spread widely by chance, which is from 0 to 1: when a server comes back, those who wait
 * for it must not all come at once.
 */
export function pauseAfter(
  { failures, intervalMs }: { readonly failures: number; readonly intervalMs: number },
  chance: number,
): number {
  if (failures === 0) return intervalMs * (0.9 + 0.2 * chance);
  return backoffMs(failures, { shortestMs: firstRetryMs, longestMs: intervalMs }) * (0.5 + chance);
}

/** Fetches one reference of one repository at its interval, for every subscriber. */
export class Poll {
  /** Why the last fetch failed; undefined when it did not. */
  failure: Failure | undefined;
  /** When the last fetch that succeeded ended. */
  fetchedAt: Date | undefined;
  /** The newest revision, where one was ever fetched. */
  fetched: Fetched | undefined;
  readonly #fetches = createSingleFlight<void>();
  #failures = 0;
  readonly #members = new Map<(moved: boolean) => void, number>();
  readonly #stopped = new AbortController();
  /** Aborted when a subscriber joins, whose interval may be shorter. */
  #joined = new AbortController();
  readonly #ended: Promise<void>;
  readonly #fetch: (signal: AbortSignal) => Promise<Fetched>;

  constructor(fetch: (signal: AbortSignal) => Promise<Fetched>) {
    this.#fetch = fetch;
    this.#ended = this.#loop();
  }

  get idle(): boolean {
    return this.#members.size === 0;
  }

  /** Returns how to unsubscribe. */
  join(intervalMs: number, onChange: (moved: boolean) => void): () => void {
    const member = guarded((moved: boolean) => onChange(moved), reportBug);
    this.#members.set(member, intervalMs);
    this.#joined.abort();
    return () => void this.#members.delete(member);
  }

  /** Resolves when no fetch runs any more. */
  async stop(): Promise<void> {
    this.#stopped.abort(new Failure("Interrupted", { message: "the repository is not followed any more" }));
    await this.#ended;
  }

  /** The newest revision; waits for the first fetch. Throws its `Failure` while there never was a revision. */
  async latest(signal: AbortSignal): Promise<Fetched> {
    if (this.fetched === undefined && this.failure === undefined) await untilAborted(this.#fetchOnce(), signal);
    signal.throwIfAborted();
    if (this.fetched !== undefined) return this.fetched;
    throw this.failure;
  }

  /** Fetches again: a fetch under way may have begun before the newest push. */
  async refresh(): Promise<void> {
    await this.#fetches.over("");
    await this.#fetchOnce();
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted) {
      await this.#fetchOnce();
      await this.#sleep(signal);
    }
  }

  /** For the shortest interval of all subscribers, those that join meanwhile included. */
  async #sleep(signal: AbortSignal): Promise<void> {
    const since = performance.now();
    const chance = Math.random();
    while (!signal.aborted) {
      const intervalMs = Math.min(...this.#members.values(), longestMs);
      const left = since + pauseAfter({ failures: this.#failures, intervalMs }, chance) - performance.now();
      if (left <= 0) return;
      this.#joined = new AbortController();
      await rest(left, signal, this.#joined.signal);
    }
  }

  /** One fetch at a time; who comes while it runs shares it. */
  #fetchOnce(): Promise<void> {
    return this.#fetches.run("", () => this.#fetchNow());
  }

  async #fetchNow(): Promise<void> {
    const before = this.fetched?.revision.commit;
    const failed = this.failure;
    try {
      this.fetched = await this.#fetch(this.#stopped.signal);
      this.fetchedAt = new Date();
      this.failure = undefined;
      this.#failures = 0;
    } catch (thrown) {
      this.failure = toFailure(thrown);
      this.#failures += 1;
    }
    const moved = before !== undefined && this.fetched?.revision.commit !== before;
    const changed = moved || this.failure?.message !== failed?.message;
    if (changed) for (const member of this.#members.keys()) member(moved);
  }
}
