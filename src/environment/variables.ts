import type { EnvironmentSpec } from "../api/environment/environment-spec.ts";
import { sealingKeyLabel } from "../api/sealed-secret.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";
import { objectAt } from "../model/json/json.ts";
import { secretValues } from "../plan/index.ts";
import type { Variables } from "../rollout/index.ts";

/**
 * The variables of `postBuild`: those of the ConfigMaps and Secrets in order, then the inline ones over them. Throws
 * `Failure` (SpecInvalid) for one that is missing and not optional, and for a sealing key, which opens what is everybody's.
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
    if (object?.metadata.labels?.[sealingKeyLabel] !== undefined) throw sealingKey(`${kind} ${namespace}/${name}`);
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

function sealingKey(what: string): Failure {
  return new Failure("SpecInvalid", {
    field: "spec.postBuild.substituteFrom",
    message: `${what} is a sealing key, which is given to no Environment`,
    hint: "name a Secret of your own",
  });
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
