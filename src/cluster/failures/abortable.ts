import { setTimeout as sleep } from "node:timers/promises";
import { abortFailure } from "../../model/async/abort-failure.ts";
import { untilAborted } from "../../model/async/until-aborted.ts";

/** Waits. Throws `abortFailure` on an abort. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal });
  } catch {
    throw abortFailure(signal);
  }
}

/** `untilAborted`, with `abortFailure` for an abort. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await untilAborted(work, signal);
  } catch (thrown) {
    throw signal.aborted && thrown === signal.reason ? abortFailure(signal) : thrown;
  }
}
