import { backoffMs } from "../../../clock/index.ts";

/** Slows the correction of drift down while somebody keeps changing the same objects. */
export interface DriftBrake {
  /** Drift was corrected just now. */
  hit(): void;
  /** How long to wait before the next correction: nothing for the first few within a minute, then growing to a minute. */
  pauseMs(): number;
}

const freeHits = 5;
const windowMs = 60_000;

/** A brake that has not been hit. `clock` gives milliseconds. */
export function createBrake(clock: () => number = () => performance.now()): DriftBrake {
  let hits: readonly number[] = [];
  const recent = () => hits.filter((time) => clock() - time < windowMs);
  return {
    hit() {
      hits = [...recent(), clock()];
    },
    pauseMs() {
      const beyond = recent().length - freeHits;
      return beyond < 0 ? 0 : backoffMs(beyond + 1, { shortestMs: 1_000, longestMs: windowMs });
    },
  };
}
