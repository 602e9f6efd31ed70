import { toFailure } from "../model/failure.ts";

/**
 * Tells that something threw where nobody waits for its outcome: in a timer, a listener, a callback. What called it goes
 * on. It reaches the process as an unhandled rejection, which the agent logs and counts.
 */
export function reportBug(thrown: unknown): void {
  void Promise.reject(toFailure(thrown));
}
