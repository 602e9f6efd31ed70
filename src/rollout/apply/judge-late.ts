import { inParallel } from "../../model/async/in-parallel.ts";
import { Failure } from "../../model/failure.ts";
import { formatId } from "../../model/object-id.ts";
import type { PlannedAction } from "../../model/plan.ts";
import { isUnconverted } from "../judge/conversion.ts";
import { withObject } from "../judge/rejection.ts";
import { type Judged, judge } from "./judge.ts";
import { recheck } from "./recheck.ts";
import type { StageRun } from "./stage-run.ts";
import { partsOf } from "./stage-writes.ts";
import { isWrite } from "./write-order.ts";

const concurrency = 16;

/**
 * Judges deferred objects now that what they depend on has been written. What is left alone by now is not judged, since
 * nothing will be written to it. Throws as `judge` does.
 */
export async function judgeLate(stage: StageRun, late: readonly PlannedAction[], signal: AbortSignal): Promise<Judged> {
  const { target, writes } = stage;
  if (late.length === 0) return { actions: [], rejected: new Map() };
  stage.waited = true;
  const refused = new Map<string, Failure>();
  const objects = new Map(writes.objects);
  const open: PlannedAction[] = [];
  const recheckOne = async (planned: PlannedAction) => {
    const parts = partsOf(writes, planned);
    const key = formatId(planned.id);
    try {
      const { by, seen } = writes;
      const pending = { planned, parts, by, seen, waited: true };
      const { action, object } = isWrite(planned.action)
        ? await recheck(target, pending, signal)
        : { ...planned, ...parts };
      objects.set(key, object);
      if (action.type === "skip") stage.revised.set(key, action);
      else open.push(planned);
    } catch (thrown) {
      if (!(thrown instanceof Failure)) throw thrown;
      // The new definition takes a moment to be served; until then the object is judged again and again.
      if (isUnconverted(thrown)) open.push(planned);
      else refused.set(key, withObject(thrown, parts.manifest));
    }
  };
  await inParallel(late, concurrency, recheckOne, signal);
  const judged = await judge(target, { ...writes, objects }, open, signal);
  return { ...judged, rejected: new Map([...refused, ...judged.rejected]) };
}
