import { type Alarm, after, reportBug, rest } from "../../clock/index.ts";
import { abortFailure } from "../../model/async/abort-failure.ts";
import type { Cluster } from "../cluster.ts";

/** Those who wait resume spread over this time, not all at once. */
const spreadMs = 300;

/** A server that goes up and down is not asked at every recovery. */
const standardRestMs = 5_000;

/** A pause before the next request. Throws `abortFailure` on an abort. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/**
 * Makes pauses that end early when another request finds that the API server has recovered, but not within five seconds of
 * the last pause that did.
 */
export function createRecoverablePause(cluster: Pick<Cluster, "onRecovery">, restMs: number = standardRestMs): Pause {
  let woken = Number.NEGATIVE_INFINITY;
  return async (milliseconds, signal) => {
    const early = new AbortController();
    let timer: Alarm | undefined;
    const stop = cluster.onRecovery(() => {
      const restLeftMs = Math.max(0, woken + restMs - performance.now());
      timer ??= after(restLeftMs + Math.random() * spreadMs, () => early.abort(), reportBug);
    });
    await rest(milliseconds, signal, early.signal);
    stop();
    timer?.stop();
    if (signal.aborted) throw abortFailure(signal);
    if (early.signal.aborted) woken = performance.now();
  };
}
