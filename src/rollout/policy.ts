import type { Environment } from "../api/environment/environment.ts";
import { environmentAnnotations } from "../api/names.ts";
import type { Policy } from "./prepare.ts";

/** What an Environment allows to be done to reach a new revision. */
export function policyOf({ spec, metadata }: Pick<Environment, "spec" | "metadata">): Policy {
  return {
    prune: spec.prune,
    force: spec.force,
    guard: spec.deletionGuard,
    approved: metadata.annotations?.[environmentAnnotations.approve],
  };
}
