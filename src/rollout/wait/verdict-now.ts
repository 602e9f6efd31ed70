import { assess, needsWatch } from "../../health/index.ts";
import type { Verdict } from "../../model/verdict.ts";
import { isTerminating } from "../../plan/index.ts";
import type { ApplyTarget, KubeObjectRef } from "../target/apply-target.ts";
import type { OwnWrites } from "./own-writes.ts";
import { describeDeletion } from "./until-gone.ts";

/** The verdict about an object as the watches show it now; before they show our own write they say nothing of it. */
export function verdictNow(
  target: Pick<ApplyTarget, "view" | "evidence" | "healthRules">,
  { id }: KubeObjectRef,
  since: Date,
  own: Pick<OwnWrites, "has" | "isUnseen">,
): Verdict {
  const object = target.view.get(id);
  if (object === undefined && !own.has(id)) return { state: "inProgress", message: "does not exist" };
  if (object === undefined || own.isUnseen(id)) {
    return { state: "inProgress", message: "written, not seen yet" };
  }
  if (isTerminating(object)) return { state: "terminating", message: describeDeletion(object) };
  if (!needsWatch(id.group, id.kind, target.healthRules)) return { state: "current", message: "exists" };
  const evidence = { object, ...target.evidence.of(object), since };
  return assess(evidence, new Date(), target.healthRules);
}
