import type { Environment } from "../api/environment/environment.ts";
import type { DeletionGuard } from "../api/environment/rollout-spec.ts";
import { environmentAnnotations } from "../api/names.ts";
import type { DecisionContext } from "../plan/index.ts";

/** What an Environment allows to be done to reach a revision. */
export interface Policy extends Pick<DecisionContext, "rollback"> {
  readonly prune: boolean;
  readonly force: boolean;
  /** Undefined: deletions are not held. */
  readonly guard: DeletionGuard | undefined;
  readonly approved: string | undefined;
}

/** The policy of an Environment, by its spec and annotations. */
export function policyOf({ spec, metadata }: Pick<Environment, "spec" | "metadata">): Policy {
  return {
    prune: spec.prune,
    force: spec.force,
    guard: spec.deletionGuard,
    approved: metadata.annotations?.[environmentAnnotations.approve],
  };
}
