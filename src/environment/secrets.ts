import type { Cluster } from "../cluster/index.ts";
import { Failure, type FailureCode } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";

/** A Secret that something refers to, or a ConfigMap. */
export interface Reference {
  readonly kind?: "Secret" | "ConfigMap";
  readonly namespace: string;
  readonly name: string;
}

/** What to say where it is missing. */
export interface Missing {
  readonly code: FailureCode;
  /** The field that refers to it: `spec.source.secretRef`. */
  readonly field: string;
  readonly hint: string;
}

/** Reads what a spec refers to; undefined where there is no such object. Throws as `Cluster.get` does. */
export async function findSecret(
  cluster: Cluster,
  { kind = "Secret", namespace, name }: Reference,
  signal: AbortSignal,
): Promise<KubeObject | undefined> {
  return cluster.get({ apiVersion: "v1", kind, namespace, name }, signal);
}

/** The same where it must be there. Throws `Failure` with the code of `missing`. */
export async function readSecret(
  cluster: Cluster,
  reference: Reference,
  { code, field, hint }: Missing,
  signal: AbortSignal,
): Promise<KubeObject> {
  const found = await findSecret(cluster, reference, signal);
  if (found !== undefined) return found;
  const { kind = "Secret", namespace, name } = reference;
  throw new Failure(code, { field, message: `there is no ${kind} ${namespace}/${name}`, hint });
}
