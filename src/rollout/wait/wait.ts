import { unhealthyFailure } from "../diagnosis/unhealthy.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { HealthWait, type Wait } from "./health-wait.ts";
import { trackInTime } from "./track-kinds.ts";

/**
 * Resolves when every object is healthy. Throws `Failure`: HealthFailed as soon as one certainly will not be,
 * HealthTimeout at the deadline, each naming file, object, pod, container and cause, with the last lines of the log;
 * ClusterUnreachable instead when a watch is cut off at the deadline; Interrupted where the view is closed meanwhile; or the
 * signal's reason. Driven by watches.
 */
export async function waitForHealth(target: ApplyTarget, wait: Wait, ends: AbortSignal): Promise<void> {
  // What a closed view does not show says nothing against the revision.
  const signal = AbortSignal.any([ends, target.view.closed]);
  await trackInTime(target, wait, signal);
  signal.throwIfAborted();
  const waiting = new HealthWait(target, wait);
  const onAbort = () => waiting.giveUp(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    const unhealthy = await waiting.outcome;
    if (unhealthy === undefined) return;
    const failure = await unhealthyFailure(target, unhealthy, await wait.secrets?.(), signal);
    signal.throwIfAborted();
    throw failure;
  } finally {
    signal.removeEventListener("abort", onAbort);
    waiting.close();
  }
}
