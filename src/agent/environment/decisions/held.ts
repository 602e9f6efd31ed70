import { describeId } from "../../../model/object-id.ts";
import type { Plan } from "../../../model/plan.ts";
import type { Outcome } from "../../../rollout/index.ts";
import { notReady } from "../status/condition-sets.ts";
import type { Decision, StatusChange } from "./decision.ts";

/** The deletion guard holds a plan. */
export function decideHeld(outcome: Extract<Outcome, { type: "held" }>): Decision {
  const { plan, revision } = outcome;
  return heldBy(plan, heldMessage(plan), { lastAttemptedRevision: revision, waitingRevision: null });
}

/** The Environment is being deleted, and the deletion guard holds the plan for that. */
export function decideDeletionHeld({ plan }: Extract<Outcome, { type: "deletionHeld" }>): Decision {
  const message = `the Environment is being deleted, and with it ${heldMessage(plan)}; or keep its objects: set spec.deletionPolicy to Orphan`;
  return heldBy(plan, message, {});
}

function heldMessage({ hold, digest }: Plan): string {
  const objects = (hold?.objects ?? []).slice(0, 20).map(describeId).join(", ");
  return `${hold?.reason ?? ""}: ${objects}; approve with: mooring approve, or annotate mooring.dev/approve: ${digest}`;
}

function heldBy(plan: Plan, message: string, fields: NonNullable<StatusChange["fields"]>): Decision {
  return {
    status: {
      conditions: [
        ...notReady("DeletionHeld", message),
        { type: "Held", status: "True", reason: "DeletionHeld", message },
      ],
      fields: { ...fields, pendingDigest: plan.digest, problems: null },
    },
    event: { type: "Warning", reason: "DeletionHeld", message },
    requeueMs: undefined,
  };
}
