import { formatId } from "../model/object-id.ts";
import type { PlannedAction } from "../model/plan.ts";
import type { Written } from "./apply/apply.ts";
import { applyInTime } from "./apply/in-time.ts";
import { stageWrites } from "./apply/stage-writes.ts";
import type { Prepared } from "./prepare.ts";
import type { ApplyTarget } from "./target/apply-target.ts";

/**
 * Corrects drift: applies what changes, stage by stage, each within its timeout, and neither waits for health nor prunes. An
 * object whose former self is still being deleted is left to the next pass, which the end of the deletion triggers. Answers
 * with a plan that says what was done. Throws what `applyInTime` throws; HealthTimeout names what was waited for in vain.
 */
export async function correct(target: ApplyTarget, prepared: Prepared, signal: AbortSignal): Promise<Prepared> {
  let done = prepared;
  for (const stage of prepared.observation.stages) {
    const writes = stageWrites(done, stage);
    const actions = writes.actions.filter((action) => !isLeaving(action));
    done = revisePlan(done, await applyInTime(target, stage, { ...writes, actions }, signal));
  }
  return done;
}

/** Whether an object is to be made once its former self is gone. */
export function isLeaving({ action }: Pick<PlannedAction, "action">): boolean {
  return action.type === "create" && action.after === "deletion";
}

/** The same, with a plan that says what was done. */
export function revisePlan(prepared: Prepared, { revised }: Pick<Written, "revised">): Prepared {
  if (revised.size === 0) return prepared;
  const { plan } = prepared;
  const actions = plan.actions.map((each) => ({ ...each, action: revised.get(formatId(each.id)) ?? each.action }));
  return { ...prepared, plan: { ...plan, actions } };
}
