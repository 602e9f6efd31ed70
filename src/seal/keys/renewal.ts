import type { KeyRing } from "./key-ring.ts";

/** When a key is renewed: `cutoff` also renews one that was made before that time, as `--key-cutoff-time` of sealed-secrets. */
export interface RenewalPolicy {
  /** Milliseconds; zero renews never by age. */
  readonly period: number;
  readonly cutoff?: Date;
}

/**
 * When the next key is due: now (or in the past) where there is none or the newest is too old; undefined where keys are
 * never renewed. Older keys always stay, since what they sealed must open for ever.
 */
export function nextKeyDue(ring: KeyRing, now: Date, policy: RenewalPolicy): Date | undefined {
  const [newest] = ring.keys;
  if (newest === undefined) return now;
  if (policy.cutoff !== undefined && newest.created < policy.cutoff && policy.cutoff <= now) return now;
  return policy.period === 0 ? undefined : new Date(newest.created.getTime() + policy.period);
}
