import type { Environment } from "../api/environment/environment.ts";
import type { EnvironmentSpec } from "../api/environment/environment-spec.ts";
import type { Cluster } from "../cluster/index.ts";
import { Failure, type FailureCode } from "../model/failure.ts";
import type { KubeObject } from "../model/manifest.ts";
import {
  anonymous,
  type Credentials,
  credentialsFrom,
  proxyFrom,
  type SourceSpec,
  signersFrom,
} from "../source/index.ts";

/** A repository as `source` takes it: the Secrets that the spec names have been read. */
export interface ReadSource {
  readonly spec: SourceSpec;
  readonly credentials: Credentials;
}

type SecretField = "secretRef" | "proxySecretRef" | "verify.secretRef";

/**
 * Reads what an Environment's source names. Throws `Failure`: SourceDenied (SignerUnknown for the signers) where a Secret
 * is missing, SourceInvalid for what cannot be read in one.
 */
export async function readSource(cluster: Cluster, environment: Environment, signal: AbortSignal): Promise<ReadSource> {
  const { secretRef, proxySecretRef, verify, webhook: _, ...spec } = environment.spec.source;
  const { namespace } = environment.metadata;
  const read = async (field: SecretField, name: string, code: FailureCode): Promise<KubeObject> => {
    const secret = await cluster.get({ apiVersion: "v1", kind: "Secret", namespace, name }, signal);
    if (secret !== undefined) return secret;
    throw new Failure(code, {
      field: `spec.source.${field}`,
      message: `there is no Secret ${namespace}/${name}`,
      hint: hints[field],
    });
  };
  const own =
    secretRef === undefined ? anonymous : credentialsFrom(await read("secretRef", secretRef.name, "SourceDenied"));
  const proxy =
    proxySecretRef === undefined ? {} : proxyFrom(await read("proxySecretRef", proxySecretRef.name, "SourceDenied"));
  return {
    spec: { ...spec, ...(verify === undefined ? {} : { verify: await verification(verify) }) },
    credentials: { ...own, ...proxy },
  };

  async function verification(wanted: NonNullable<EnvironmentSpec["source"]["verify"]>) {
    const secret = await read("verify.secretRef", wanted.secretRef.name, "SignerUnknown");
    return { mode: wanted.mode, signers: signersFrom(secret) };
  }
}

const hints: Readonly<Record<SecretField, string>> = {
  secretRef: "create it with the keys username and password, bearerToken, or identity and known_hosts",
  proxySecretRef: "create it with the key address",
  "verify.secretRef": "create it with the public keys of those whose commits may be applied",
};
