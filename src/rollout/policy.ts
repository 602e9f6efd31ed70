import type { Environment } from "../api/environment/environment.ts";
import type { DeletionGuard } from "../api/environment/rollout-spec.ts";
import { environmentAnnotations } from "../api/names.ts";
import type { RollbackScope } from "../plan/index.ts";

/** What may be done to reach a revision, as the Environment says. */
export interface Policy {
  readonly prune: boolean;
  readonly force: boolean;
  /** Absent: deletions are not held. */
  readonly guard: DeletionGuard | undefined;
  readonly approved: string | undefined;
  /** Set for content of the past. */
  readonly goingBack?: RollbackScope | undefined;
}

/** What an Environment allows to be done to reach a new revision. */
export function policyOf({ spec, metadata }: Pick<Environment, "spec" | "metadata">): Policy {
  return {
    prune: spec.prune,
    force: spec.force,
    guard: spec.deletionGuard,
    approved: metadata.annotations?.[environmentAnnotations.approve],
  };
}
