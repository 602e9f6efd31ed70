import type { Environment } from "../api/environment/environment.ts";
import type { Cluster } from "../cluster/index.ts";
import {
  anonymous,
  type Credentials,
  credentialsFrom,
  proxyFrom,
  type SourceSpec,
  signersFrom,
} from "../source/index.ts";
import { type Missing, readSecret } from "./secrets.ts";

/** A repository as `source` takes it: the Secrets that the spec names have been read. */
export interface ReadSource {
  readonly spec: SourceSpec;
  readonly credentials: Credentials;
}

const missing = {
  secretRef: {
    code: "SourceDenied",
    field: "spec.source.secretRef",
    hint: "create it with the keys username and password, bearerToken, or identity and known_hosts",
  },
  proxySecretRef: {
    code: "SourceDenied",
    field: "spec.source.proxySecretRef",
    hint: "create it with the key address",
  },
  signers: {
    code: "SignerUnknown",
    field: "spec.source.verify.secretRef",
    hint: "create it with the public keys of those whose commits may be applied",
  },
} as const satisfies Readonly<Record<string, Missing>>;

/**
 * Reads what an Environment's source names. Throws `Failure`: SourceDenied (SignerUnknown for the signers) where a Secret
 * is missing, SourceInvalid for what cannot be read in one.
 */
export async function readSource(cluster: Cluster, environment: Environment, signal: AbortSignal): Promise<ReadSource> {
  const { secretRef, proxySecretRef, verify, webhook: _, ...spec } = environment.spec.source;
  const { namespace } = environment.metadata;
  const read = ({ name }: { readonly name: string }, use: Missing) =>
    readSecret(cluster, { namespace, name }, use, signal);
  const own = secretRef === undefined ? anonymous : credentialsFrom(await read(secretRef, missing.secretRef));
  const proxy = proxySecretRef === undefined ? {} : proxyFrom(await read(proxySecretRef, missing.proxySecretRef));
  const credentials = { ...own, ...proxy };
  if (verify === undefined) return { spec, credentials };
  const signers = signersFrom(await read(verify.secretRef, missing.signers));
  return { spec: { ...spec, verify: { mode: verify.mode, signers } }, credentials };
}
