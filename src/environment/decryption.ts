import type { Environment } from "../api/environment/environment.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";
import { objectAt } from "../model/json/json.ts";
import type { SopsItems } from "../sandbox/index.ts";

/**
 * The Secret with the SOPS keys of an Environment, or undefined where it names none. Throws `Failure` (UnsealFailed) when it
 * is missing.
 */
export async function readSopsItems(
  cluster: Cluster,
  { spec, metadata }: Environment,
  signal: AbortSignal,
): Promise<SopsItems | undefined> {
  const name = spec.decryption?.secretRef.name;
  if (name === undefined) return undefined;
  const secret = await cluster.get({ apiVersion: "v1", kind: "Secret", namespace: metadata.namespace, name }, signal);
  if (secret === undefined) {
    throw new Failure("UnsealFailed", {
      field: "spec.decryption.secretRef",
      message: `there is no Secret ${metadata.namespace}/${name}`,
      hint: "create it with an age identity in a key that ends in .agekey",
    });
  }
  const items = Object.entries(objectAt(secret, "data") ?? {}).flatMap(([key, value]) =>
    typeof value === "string" ? [[key, Buffer.from(value, "base64")] as const] : [],
  );
  return Object.fromEntries(items);
}
