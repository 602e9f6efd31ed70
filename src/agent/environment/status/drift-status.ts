import type { NewCondition } from "../../../api/conditions.ts";
import type { DriftEntry } from "../../../api/environment/environment-status.ts";
import { writeJson } from "../../../model/json/json.ts";
import { describeId } from "../../../model/object-id.ts";
import type { PlannedAction } from "../../../model/plan.ts";
import { shorten } from "../../../model/text/shorten.ts";

/** Nothing has drifted. */
export const noDrift: NewCondition = { type: "Drifted", status: "False", reason: "NoDrift", message: "" };

/** The condition that says whether something drifted and is not set right. */
export function driftCondition(drifted: readonly PlannedAction[]): NewCondition {
  if (drifted.length === 0) return noDrift;
  const names = drifted
    .slice(0, 10)
    .map(({ id }) => describeId(id))
    .join(", ");
  return {
    type: "Drifted",
    status: "True",
    reason: "Drifted",
    message: `${drifted.length} objects differ from the repository: ${names}`,
  };
}

const driftLimit = 100;
/** Characters of a pointer to a field; its keys are anybody's. */
const longestPath = 500;

/** The drifted fields as they stand in the status, the first hundred; what was seen before keeps its time. */
export function driftEntries(
  drifted: readonly PlannedAction[],
  before: readonly DriftEntry[],
  now: string,
): DriftEntry[] {
  const since = new Map(before.map((entry) => [`${entry.object} ${entry.path}`, entry.since]));
  return drifted
    .slice(0, driftLimit)
    .flatMap(({ id, action }): DriftEntry[] => {
      const object = describeId(id);
      if (action.type !== "update") return [{ object, path: "", since: since.get(`${object} `) ?? now }];
      return action.changes.slice(0, driftLimit).map(({ path: whole, from, to, manager }) => {
        const path = shorten(whole, longestPath);
        return {
          object,
          path,
          ...(to === undefined ? {} : { want: short(to) }),
          ...(from === undefined ? {} : { live: short(from) }),
          ...(manager === undefined ? {} : { manager: short(manager) }),
          since: since.get(`${object} ${path}`) ?? now,
        };
      });
    })
    .slice(0, driftLimit);
}

function short(value: unknown): string {
  const text = typeof value === "string" ? value : writeJson(value);
  return shorten(text, 200);
}
