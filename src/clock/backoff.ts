/** Growing pauses, jittered so that many clients do not retry at once. */
export interface Backoff {
  /** The next pause in milliseconds. */
  next(): number;
  /** Starts again with the shortest pause. */
  reset(): void;
}

/** Shortest and longest pause in milliseconds. */
export interface BackoffRange {
  readonly shortestMs: number;
  readonly longestMs: number;
}

/**
 * The pause after so many failures in a row, in milliseconds and without jitter: the shortest after the first, twice as
 * long after each further one, never longer than the longest.
 */
export function backoffMs(failures: number, { shortestMs, longestMs }: BackoffRange): number {
  return Math.min(longestMs, shortestMs * 2 ** Math.max(0, failures - 1));
}

/** Counts the failures for `backoffMs`; every pause lies between half of it and the whole. `random` gives numbers in [0, 1). */
export function createBackoff(range: BackoffRange, random: () => number = Math.random): Backoff {
  let failures = 0;
  return {
    next() {
      failures += 1;
      return backoffMs(failures, range) * (0.5 + random() / 2);
    },
    reset() {
      failures = 0;
    },
  };
}
