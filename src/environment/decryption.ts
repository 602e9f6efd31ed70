import type { Environment } from "../api/environment/environment.ts";
import type { Cluster } from "../cluster/index.ts";
import { objectAt } from "../model/json/json.ts";
import type { Unseal } from "../rollout/index.ts";
import { type Decrypt, decryptHere, type SopsItems } from "../sandbox/index.ts";
import { readSecret } from "./secrets.ts";

/** What opens the objects of an Environment, and the files that they are made of. */
export interface Opening {
  /** The keys for files; undefined where the Environment names none. */
  readonly sops: SopsItems | undefined;
  /** Opens what is sealed, and then what SOPS encrypted. */
  readonly unseal: Unseal;
}

/** What opens things on behalf of an Environment. */
export interface OpeningTools {
  /** Opens sealed secrets. */
  readonly unsealSealed: Unseal;
  /** Opens what SOPS encrypted; in this process unless said otherwise. */
  readonly decrypt?: Decrypt;
}

/**
 * The keys of an Environment, as its spec names them, together with a way to open sealed secrets. Throws as `readSopsItems`.
 */
export async function openingOf(
  cluster: Cluster,
  environment: Environment,
  { unsealSealed, decrypt = decryptHere }: OpeningTools,
  signal: AbortSignal,
): Promise<Opening> {
  const sops = await readSopsItems(cluster, environment, signal);
  return { sops, unseal: async (manifests) => decrypt(await unsealSealed(manifests), sops, signal) };
}

/**
 * The Secret with the SOPS keys of an Environment, or undefined where it names none. Throws `Failure` (UnsealFailed) when it
 * is missing.
 */
export async function readSopsItems(
  cluster: Cluster,
  { spec, metadata: { namespace } }: Environment,
  signal: AbortSignal,
): Promise<SopsItems | undefined> {
  const name = spec.decryption?.secretRef.name;
  if (name === undefined) return undefined;
  const missing = {
    code: "UnsealFailed",
    field: "spec.decryption.secretRef",
    hint: "create it with an age identity in a key that ends in .agekey",
  } as const;
  const secret = await readSecret(cluster, { namespace, name }, missing, signal);
  const items = Object.entries(objectAt(secret, "data") ?? {}).flatMap(([key, value]) =>
    typeof value === "string" ? [[key, Buffer.from(value, "base64")] as const] : [],
  );
  return Object.fromEntries(items);
}
