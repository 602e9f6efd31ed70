import { setTimeout as sleep } from "node:timers/promises";
import { untilAborted } from "../../model/async/until-aborted.ts";
import { Failure } from "../../model/failure.ts";

/** The failure of an abort: the signal's reason where that is one, `ClusterUnreachable` for a timeout, else `Interrupted`. */
export function abortFailure(signal: AbortSignal): Failure {
  const { reason } = signal;
  if (reason instanceof Failure) return reason;
  if (reason instanceof DOMException && reason.name === "TimeoutError") {
    return new Failure("ClusterUnreachable", { message: "the API server did not answer in time" }, { cause: reason });
  }
  return new Failure("Interrupted", { message: "the request was given up" }, { cause: reason });
}

/** Waits; throws `interruption` on an abort. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch {
    throw abortFailure(signal);
  }
}

/** `untilAborted` with the failure of this room: `interruption` as soon as the signal is aborted. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await untilAborted(work, signal);
  } catch (thrown) {
    throw signal.aborted && thrown === signal.reason ? abortFailure(signal) : thrown;
  }
}
