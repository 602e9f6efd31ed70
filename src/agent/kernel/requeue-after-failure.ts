import { backoffMs } from "../../clock/index.ts";
import { type Failure, failureClasses } from "../../model/failure.ts";
import type { DecisionTime } from "./decision.ts";

/** How soon a failed pass is made again. */
export interface RequeuePace extends DecisionTime {
  /** The pause after the first of several failures. */
  readonly firstMs: number;
  /** The longest pause, and the one where growing pauses do not help. */
  readonly intervalMs: number;
}

/** Milliseconds until a failed pass is made again: never before the time that the other side named. */
export function requeueAfterFailure(
  { code, retryAt }: Failure,
  { firstMs, intervalMs, now, tries }: RequeuePace,
): number {
  const backsOff = failureClasses[code].retry === "backoff";
  const wanted = backsOff ? backoffMs(tries, { shortestMs: firstMs, longestMs: intervalMs }) : intervalMs;
  return Math.max(wanted, (retryAt?.getTime() ?? 0) - now.getTime());
}
