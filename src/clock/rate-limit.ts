/** A token bucket for each key. */
export interface RateLimit {
  /** Whether one more may pass for this key. */
  take(key: string): boolean;
}

/** How much passes: `burst` at once, then one every `intervalMs`. */
export interface Rate {
  readonly burst: number;
  readonly intervalMs: number;
}

/** Makes a limit that has seen nothing yet; `now` is in milliseconds. It remembers only keys that were taken lately. */
export function createRateLimit({ burst, intervalMs }: Rate, now: () => number): RateLimit {
  /** Until when the passes of a key are used up, as if they had been spread evenly. */
  const used = new Map<string, number>();
  return {
    take(key) {
      // A bucket that is full again is as if it had never been.
      for (const [each, until] of used) if (until <= now()) used.delete(each);
      const from = Math.max(used.get(key) ?? 0, now());
      if (from + intervalMs - now() > burst * intervalMs) return false;
      used.set(key, from + intervalMs);
      return true;
    },
  };
}
