import { toFailure } from "../model/failure.ts";

/**
 * Reports what was thrown where no caller awaits it: in a timer, a listener, a callback. The caller goes
 * on. It reaches the process as an unhandled rejection, which the agent logs and counts.
 */
export function reportBug(thrown: unknown): void {
  void Promise.reject(toFailure(thrown));
}
