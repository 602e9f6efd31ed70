import type { Environment } from "../api/environment/environment.ts";
import { sealingKeyLabel } from "../api/sealed-secret.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";
import { objectAt } from "../model/json/json.ts";
import { secretValues } from "../plan/index.ts";
import type { Variables } from "../rollout/index.ts";
import { findSecret, type Missing, readSecret } from "./secrets.ts";

/** What of an Environment says which variables it has. */
export type HasVariables = Pick<Environment, "spec" | "metadata">;

/** Gives an Environment's variables. Throws `Failure` where one cannot be had. */
export type ReadVariables = (environment: HasVariables, signal: AbortSignal) => Promise<Variables>;

/**
 * The variables of `postBuild`: those of the ConfigMaps and Secrets in order, then the inline ones over them. Throws
 * `Failure` (SpecInvalid) for one that is missing and not optional, and for a sealing key, which opens what is everybody's.
 */
export function clusterVariables(cluster: Cluster): ReadVariables {
  return async (environment, signal) => (await readAll(cluster, environment, signal)).all;
}

/** The same with a mask in place of each value that a Secret gives: for what is shown to people. */
export function maskedVariables(cluster: Cluster): ReadVariables {
  return async (environment, signal) => {
    const { all, secret } = await readAll(cluster, environment, signal);
    const shown = Object.entries(all).map(([name, value]) => [name, secret.get(name) === value ? mask : value]);
    return Object.fromEntries(shown);
  };
}

/** Text that YAML takes as it is, wherever it is put in. */
const mask = "(masked)";

/** Only those that stand in the spec: for who has no cluster. */
export const inlineVariables: ReadVariables = async ({ spec }) => spec.postBuild?.substitute ?? {};

const missing: Missing = {
  code: "SpecInvalid",
  field: "spec.postBuild.substituteFrom",
  hint: "create it, or mark it optional",
};

async function readAll(cluster: Cluster, { spec, metadata: { namespace } }: HasVariables, signal: AbortSignal) {
  const found = new Map<string, string>();
  const secret = new Map<string, string>();
  for (const { kind, name, optional } of spec.postBuild?.substituteFrom ?? []) {
    const reference = { kind, namespace, name };
    const object =
      optional === true
        ? await findSecret(cluster, reference, signal)
        : await readSecret(cluster, reference, missing, signal);
    if (object?.metadata.labels?.[sealingKeyLabel] !== undefined) throw sealingKey(`${kind} ${namespace}/${name}`);
    for (const [key, value] of Object.entries(objectAt(object, "data") ?? {})) {
      if (typeof value !== "string") continue;
      const text = kind === "Secret" ? Buffer.from(value, "base64").toString() : value;
      found.set(key, text);
      if (kind === "Secret") secret.set(key, text);
    }
  }
  return { all: { ...Object.fromEntries(found), ...spec.postBuild?.substitute }, secret };
}

function sealingKey(what: string): Failure {
  return new Failure("SpecInvalid", {
    field: "spec.postBuild.substituteFrom",
    message: `${what} is a sealing key, which no Environment may read`,
    hint: "use a Secret of your own",
  });
}

/** The values of the variables that come from Secrets: what is not to be quoted, though objects hold it in plain. */
export async function secretVariables(
  cluster: Cluster,
  { spec, metadata: { namespace } }: HasVariables,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const sources = (spec.postBuild?.substituteFrom ?? []).filter(({ kind }) => kind === "Secret");
  const read = await Promise.all(sources.map(({ name }) => findSecret(cluster, { namespace, name }, signal)));
  const secrets = read.filter((secret) => secret !== undefined);
  return secrets.flatMap((object) => secretValues({ object, sensitive: true }));
}
