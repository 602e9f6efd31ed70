import type { Environment } from "../api/environment.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure } from "../model/failure.ts";
import { objectAt } from "../model/json.ts";
import { type SopsKeys, sopsKeys } from "../seal/index.ts";

/**
 * The SOPS keys of an Environment, or undefined where it names none. Throws `Failure`: UnsealFailed when the Secret is
 * missing, CertificateInvalid for what is no key in it.
 */
export async function readSopsKeys(
  cluster: Cluster,
  { spec, metadata }: Environment,
  signal: AbortSignal,
): Promise<SopsKeys | undefined> {
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
  return sopsKeys(Object.fromEntries(items));
}
