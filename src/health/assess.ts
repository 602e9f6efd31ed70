import { groupOf } from "../model/object-id.ts";
import type { Verdict } from "../model/verdict.ts";
import { current } from "./causes/suspected-cause.ts";
import { type HealthRules, ruleOf } from "./cel/health-exprs.ts";
import type { Evidence, Subject } from "./evidence/evidence.ts";
import { customResource, genericVerdict } from "./kinds/generic.ts";
import { isHealthyByExisting, kindRule } from "./kinds/kinds.ts";

/**
 * The health of an object: never throws, whatever its status holds.
 *
 * It is `failed` only when that is certain, so the caller may act on it at once; a `cause` may be known long before,
 * while it is `inProgress`, and is what to report at the caller's deadline. Some problems become certain by lasting:
 * the verdict may change by time alone, so a caller that waits asks again every `reassessMs` as well as on every
 * change. An object that is being deleted is `terminating`; `notFound` is for the caller to say.
 */
export function assess(evidence: Evidence, now: Date, rules?: HealthRules): Verdict {
  const { object } = evidence;
  const { kind, metadata } = object;
  const group = groupOf(object.apiVersion);
  const id = { group, kind, namespace: metadata.namespace ?? "", name: metadata.name };
  const subject: Subject = { id, object, evidence, now: now.getTime() };

  if (metadata.deletionTimestamp !== undefined) return { state: "terminating", message: "being deleted" };
  const rule = ruleOf(rules, group, kind);
  if (rule !== undefined) return rule(subject);
  if (isHealthyByExisting(group, kind)) return current("exists");
  return genericVerdict(subject) ?? (kindRule(group, kind) ?? customResource)(subject);
}

/** How often, in milliseconds, a caller that waits asks again even when nothing has changed. */
export const reassessMs = 5_000;
