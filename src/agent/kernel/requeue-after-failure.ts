import { backoffMs } from "../../clock/index.ts";
import { type Failure, type FailureCode, failureClasses } from "../../model/failure.ts";
import type { DecisionTime } from "./decision.ts";

/** How soon a failed pass is made again. */
export interface RequeuePace extends DecisionTime {
  /** The pause after the first of several failures. */
  readonly firstMs: number;
  /** The longest of the growing pauses, and the pause where those do not help. */
  readonly intervalMs: number;
  /** The pause where trying again does not help: a trigger is waited for. */
  readonly resyncMs: number;
}

/** Milliseconds until a failed pass is made again: never before the time that the other side named. */
export function requeueAfterFailure({ code, retryAt }: Failure, pace: RequeuePace): number {
  return Math.max(pauseMs(code, pace), (retryAt?.getTime() ?? 0) - pace.now.getTime());
}

function pauseMs(code: FailureCode, { firstMs, intervalMs, resyncMs, tries }: RequeuePace): number {
  switch (failureClasses[code].retry) {
    case "backoff":
      return backoffMs(tries, { shortestMs: firstMs, longestMs: intervalMs });
    case "interval":
      return intervalMs;
    case "never":
    case "wait":
      return resyncMs;
  }
}
