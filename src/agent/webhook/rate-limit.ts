/** Lets so many through in a row, and then one after the other in a steady pace. */
export interface RateLimit {
  /** Whether one more may pass for this key. */
  take(key: string): boolean;
}

/** Ten at once, then one in two seconds, for each key; `now` is in milliseconds. */
export function createRateLimit(now: () => number): RateLimit {
  const burst = 10;
  const paceMs = 2_000;
  /** Until when the passes of a key are used up, as if they had been spread evenly. */
  const used = new Map<string, number>();
  return {
    take(key) {
      // What is over is as if it had never been.
      for (const [each, until] of used) if (until <= now()) used.delete(each);
      const from = Math.max(used.get(key) ?? 0, now());
      if (from + paceMs - now() > burst * paceMs) return false;
      used.set(key, from + paceMs);
      return true;
    },
  };
}
