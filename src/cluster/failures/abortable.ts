import { abortFailure } from "../../model/async/abort-failure.ts";
import { untilAborted } from "../../model/async/until-aborted.ts";

/** `untilAborted`, with `abortFailure` for an abort. */
export async function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  try {
    return await untilAborted(work, signal);
  } catch (thrown) {
    throw signal.aborted && thrown === signal.reason ? abortFailure(signal) : thrown;
  }
}
