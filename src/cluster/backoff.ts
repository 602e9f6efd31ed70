/** Growing pauses: each one twice the one before up to a cap, and a random part of that, so that many do not act at once. */
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

/** Makes a backoff; every pause lies between half of its step and the whole of it. `random` gives numbers in [0, 1). */
export function createBackoff(range: BackoffRange, random: () => number = Math.random): Backoff {
  let step = range.shortestMs;
  return {
    next() {
      const pause = step * (0.5 + random() / 2);
      step = Math.min(step * 2, range.longestMs);
      return pause;
    },
    reset() {
      step = range.shortestMs;
    },
  };
}
