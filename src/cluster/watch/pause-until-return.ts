import { setTimeout as sleep } from "node:timers/promises";
import { type Alarm, after, reportBug } from "../../clock/index.ts";
import { abortFailure } from "../../model/async/abort-failure.ts";
import type { Cluster } from "../cluster.ts";

/** When many wait, they come back within this time, and not all at once. */
const spreadMs = 300;

/** A server that comes and goes is not asked each time it comes. */
const standardRestMs = 5_000;

/** A pause in the contact with the API server. Throws `interruption` on an abort. */
export type Pause = (milliseconds: number, signal: AbortSignal) => Promise<void>;

/**
 * Makes the pauses of one who has lost contact: each ends early, within a moment, when another request finds the API
 * server answering again, but not sooner than five seconds after the last one that did.
 */
export function pausesUntilReturn(cluster: Pick<Cluster, "onReturn">, restMs: number = standardRestMs): Pause {
  let woken = Number.NEGATIVE_INFINITY;
  return async (milliseconds, signal) => {
    const early = new AbortController();
    let timer: Alarm | undefined;
    const stop = cluster.onReturn(() => {
      const rest = Math.max(0, woken + restMs - performance.now());
      timer ??= after(rest + Math.random() * spreadMs, () => early.abort(), reportBug);
    });
    try {
      await sleep(milliseconds, undefined, { signal: AbortSignal.any([signal, early.signal]) });
    } catch {
      if (signal.aborted) throw abortFailure(signal);
      woken = performance.now();
    } finally {
      stop();
      timer?.stop();
    }
  };
}
