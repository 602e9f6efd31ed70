import type { Environment } from "../../../api/environment/environment.ts";
import { Failure, type Problem } from "../../../model/failure.ts";

/**
 * Throws `Failure` (SpecInvalid) naming every reference of an Environment that leaves its namespace, for agents that run
 * with `--no-cross-namespace-refs`. Only `healthChecks` have a namespace of their own: every other reference has none and
 * stays inside.
 */
export function refuseCrossNamespaceRefs({ metadata, spec }: Environment): void {
  const problems = (spec.healthChecks ?? []).flatMap(({ kind, name, namespace }, index): Problem[] => {
    if (namespace === undefined || namespace === metadata.namespace) return [];
    return [
      {
        object: `Environment/${metadata.namespace}/${metadata.name}`,
        field: `spec.healthChecks[${index}].namespace`,
        message: `${kind}/${namespace}/${name} is in another namespace, which this agent does not allow`,
        hint: "it runs with --no-cross-namespace-refs",
      },
    ];
  });
  if (problems.length > 0) throw new Failure("SpecInvalid", problems);
}
