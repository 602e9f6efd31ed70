import type { EnvironmentSpec } from "../api/environment-spec.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";
import { objectAt } from "../model/json.ts";
import { secretValues } from "../plan/index.ts";
import type { Variables } from "../rollout/index.ts";

/**
 * The variables of `postBuild`: those of the ConfigMaps and Secrets in order, then the inline ones over them. Throws
 * `Failure` (SpecInvalid) for one that is missing and not optional.
 */
export async function readVariables(
  cluster: Cluster,
  spec: EnvironmentSpec,
  namespace: string,
  signal: AbortSignal,
): Promise<Variables> {
  const variables = new Map<string, string>();
  for (const { kind, name, optional } of spec.postBuild?.substituteFrom ?? []) {
    const object = await cluster.get({ apiVersion: "v1", kind, namespace, name }, signal);
    if (object === undefined && optional !== true) {
      throw new Failure("SpecInvalid", {
        field: "spec.postBuild.substituteFrom",
        message: `there is no ${kind} ${namespace}/${name}`,
        hint: "create it, or mark it optional",
      });
    }
    for (const [key, value] of Object.entries(objectAt(object, "data") ?? {})) {
      if (typeof value === "string")
        variables.set(key, kind === "Secret" ? Buffer.from(value, "base64").toString() : value);
    }
  }
  return { ...Object.fromEntries(variables), ...spec.postBuild?.substitute };
}

/** The values of the variables that come from Secrets: what is not to be quoted, though objects hold it in plain. */
export async function secretVariables(
  cluster: Cluster,
  spec: EnvironmentSpec,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const sources = (spec.postBuild?.substituteFrom ?? []).filter(({ kind }) => kind === "Secret");
  const read = sources.map(({ kind, name }) => cluster.get({ apiVersion: "v1", kind, namespace, name }, signal));
  const secrets = (await Promise.all(read)).filter((secret) => secret !== undefined);
  return secrets.flatMap((object) => secretValues({ object, sensitive: true }));
}
