import type { Environment } from "../api/environment.ts";
import { environmentAnnotations } from "../api/names.ts";
import type { Policy } from "../rollout/index.ts";

/** What an Environment allows to be done to reach a new revision. */
export function policyOf({ spec, metadata }: Environment): Policy {
  return {
    prune: spec.prune,
    force: spec.force,
    guard: spec.deletionGuard,
    approved: metadata.annotations?.[environmentAnnotations.approve],
    keepKinds: [],
  };
}
