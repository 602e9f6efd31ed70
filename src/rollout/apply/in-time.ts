import { Failure } from "../../model/failure.ts";
import type { DesiredStage } from "../../sandbox/index.ts";
import type { ApplyTarget } from "../target/apply-target.ts";
import { applyStage, type Written } from "./apply.ts";
import type { StageWrites } from "./stage-writes.ts";

/**
 * Applies a stage within its timeout. Throws what `applyStage` throws; ClusterUnreachable where time is up before the API
 * server has taken every object, which says nothing against the revision.
 */
export async function applyInTime(
  target: ApplyTarget,
  stage: Pick<DesiredStage, "name" | "timeoutMs">,
  writes: StageWrites,
  signal: AbortSignal,
): Promise<Written> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(stage.timeoutMs)]);
  try {
    return await applyStage(target, writes, limit);
  } catch (thrown) {
    signal.throwIfAborted();
    throw limit.aborted && !(thrown instanceof Failure) ? tooSlow(stage) : thrown;
  }
}

function tooSlow({ name, timeoutMs }: Pick<DesiredStage, "name" | "timeoutMs">): Failure {
  const stage = name === "" ? "the objects" : `the objects of stage ${name}`;
  const message = `the API server did not accept ${stage} within ${timeoutMs / 1_000} s`;
  return new Failure("ClusterUnreachable", { message, hint: "it is slow; a longer timeout may help" });
}
