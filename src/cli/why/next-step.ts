import type { ConditionReason } from "../../api/conditions.ts";

const mend = "push a commit that mends it; the same one is tried again with: mooring reconcile NAME";
const again = "it is tried again by itself";

/** What to do, or what happens by itself, for every reason of a Ready condition; empty where there is nothing to do. */
const steps: Readonly<Record<ConditionReason, string>> = {
  Succeeded: "",
  Progressing: "wait, or see what it waits for by asking again",
  RolledBack: mend,
  RollbackFailed: `${mend}; or go back further with: mooring rollback NAME --to REVISION`,
  HealthFailed: mend,
  HealthTimeout: mend,
  SourceFailed: `${again}; what is there is kept`,
  RenderFailed: "push a commit that mends it, or edit the spec",
  UnsealFailed: `${again}, since a key may come; see what cannot be opened with: mooring secrets verify`,
  ValidationFailed: `mend it; nothing was written, and ${again}`,
  ApplyFailed: again,
  Conflict: `${again}; where it goes on, find who else writes the object in its metadata.managedFields`,
  Suspended: "go on with: mooring resume NAME",
  AccessDenied: `grant what is missing; ${again}`,
  ClusterUnreachable: again,
  DependencyNotReady: "see why that is so with: mooring why ENVIRONMENT; then this one goes on by itself",
  DeletionHeld: "look at the plan with: mooring plan NAME; let it run with: mooring approve NAME",
  OutsideSchedule: "it rolls out when the window opens",
  Drifted: "see the fields with: mooring drift NAME",
  NoDrift: "",
  NotHeld: "",
  Pinned: "follow the branch again with: mooring resume NAME",
  SpecInvalid: "edit the spec",
  ForgeFailed: again,
  InternalError: `${again}; please report it`,
};

/** The next step for an Environment whose Ready condition has this reason. */
export function nextStep(reason: ConditionReason, name: string): string {
  return steps[reason].replaceAll("NAME", name);
}
