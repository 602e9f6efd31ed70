import { conditionOf } from "../../../api/conditions.ts";
import type { Environment } from "../../../api/environment/environment.ts";
import { Failure } from "../../../model/failure.ts";

/** Finds an Environment by namespace and name. */
export type FindEnvironment = (namespace: string, name: string) => Environment | undefined;

/** Throws `Failure` (DependencyNotReady) that names the first dependency that is missing, not ready, or part of a circular dependency. */
export function checkDependencies(environment: Environment, find: FindEnvironment): void {
  const { name, namespace } = environment.metadata;
  for (const { name: needed } of environment.spec.dependsOn ?? []) {
    const needs = (each: string) => (find(namespace, each)?.spec.dependsOn ?? []).map((dependency) => dependency.name);
    const circle = pathTo(name, needed, needs);
    if (circle !== undefined) throw notReady(`circular dependency: ${[name, ...circle].join(" → ")}`);
    const dependency = find(namespace, needed);
    if (dependency === undefined) throw notReady(`Environment ${namespace}/${needed} does not exist`);
    if (!isReady(dependency)) {
      const message = conditionOf(dependency.status, "Ready")?.message ?? "it has not been reconciled yet";
      throw notReady(`Environment ${namespace}/${needed} is not ready: ${message}`);
    }
  }
}

/** Ready for the spec as it is now. */
export function isReady({ status, metadata }: Environment): boolean {
  const ready = conditionOf(status, "Ready");
  return ready?.status === "True" && ready.observedGeneration === metadata.generation;
}

function pathTo(
  goal: string,
  from: string,
  needs: (name: string) => readonly string[],
  seen: Set<string> = new Set(),
): readonly string[] | undefined {
  if (from === goal) return [from];
  if (seen.has(from)) return undefined;
  seen.add(from);
  for (const name of needs(from)) {
    const rest = pathTo(goal, name, needs, seen);
    if (rest !== undefined) return [from, ...rest];
  }
  return undefined;
}

function notReady(message: string): Failure {
  return new Failure("DependencyNotReady", { field: "spec.dependsOn", message });
}
