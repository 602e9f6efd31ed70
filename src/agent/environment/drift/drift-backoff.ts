import { backoffMs } from "../../../clock/index.ts";

/** Slows down the correction of drift while somebody keeps changing the same objects. */
export interface DriftBackoff {
  /** Drift was corrected just now. */
  noteCorrection(): void;
  /** How long to wait before the next correction: nothing for the first few within a minute, then growing to a minute. */
  pauseMs(): number;
}

const freeHits = 5;
const windowMs = 60_000;

/** A backoff that has not been hit. `clock` gives milliseconds. */
export function createDriftBackoff(clock: () => number = () => performance.now()): DriftBackoff {
  let hits: readonly number[] = [];
  const recent = () => hits.filter((time) => clock() - time < windowMs);
  return {
    noteCorrection() {
      hits = [...recent(), clock()];
    },
    pauseMs() {
      const beyond = recent().length - freeHits;
      return beyond < 0 ? 0 : backoffMs(beyond + 1, { shortestMs: 1_000, longestMs: windowMs });
    },
  };
}
