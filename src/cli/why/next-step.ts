import type { ConditionReason } from "../../api/conditions.ts";

const fix = "push a commit that fixes it; to retry the same one: mooring reconcile NAME";
const again = "Mooring retries automatically";

/** What to do, or what happens by itself, for every reason of a Ready condition; empty where there is nothing to do. */
const steps: Readonly<Record<ConditionReason, string>> = {
  Succeeded: "",
  Progressing: "wait, or run mooring why again to see what it waits for",
  RolledBack: fix,
  RollbackFailed: `${fix}; or go back further with: mooring rollback NAME --to REVISION`,
  HealthFailed: fix,
  HealthTimeout: fix,
  SourceFailed: `${again}; what was deployed stays as it is`,
  RenderFailed: "push a commit that fixes it, or edit the spec",
  UnsealFailed: `${again}, because the key may be added later; check the files with: mooring secrets verify`,
  ValidationFailed: `fix it; nothing was changed, and ${again}`,
  ApplyFailed: again,
  Conflict: `${again}; if it persists, metadata.managedFields of the object shows who else writes it`,
  Suspended: "continue with: mooring resume NAME",
  AccessDenied: `grant the missing permission; ${again}`,
  ClusterUnreachable: again,
  DependencyNotReady: "find out why with: mooring why ENVIRONMENT; once it is ready, this one continues",
  DeletionHeld: "review the plan with: mooring plan NAME; approve it with: mooring approve NAME",
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
