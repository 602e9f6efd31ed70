import type { DesiredStage } from "../../sandbox/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { createExternalCheckView } from "../watch/external-check-view.ts";
import { waitForHealth } from "./wait.ts";

/**
 * Waits until the objects outside the Environment that it names as health checks are healthy, within the timeout of the last
 * stage. No logs are read and nothing is deleted there. Throws as `waitForHealth` does.
 */
export async function waitForExternalChecks(
  target: ApplyTarget,
  lastStage: Pick<DesiredStage, "timeoutMs"> | undefined,
  since: Date,
  signal: AbortSignal,
): Promise<void> {
  const { externalChecks: objects } = target;
  if (objects.length === 0 || lastStage === undefined) return;
  const view = createExternalCheckView(target.watches);
  try {
    const deadline = performance.now() + lastStage.timeoutMs;
    const wait = { objects, written: new Map(), since, deadline, freesStuckPods: false, secrets: undefined };
    await target.slot.releaseWhile(() => waitForHealth({ ...target, view }, wait, signal));
  } finally {
    await view.close();
  }
}
