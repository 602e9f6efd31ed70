import { type HealthRules, ruleOf } from "./cel/health-exprs.ts";
import { isHealthyByExisting } from "./kinds/kinds.ts";

/**
 * Tells whether the health of a kind depends on more than that it exists. Where it is false, the caller needs no more
 * than metadata.
 */
export function needsWatch(group: string, kind: string, rules?: HealthRules): boolean {
  return ruleOf(rules, group, kind) !== undefined || !isHealthyByExisting(group, kind);
}
