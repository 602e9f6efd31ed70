import { createHash } from "node:crypto";
import type { Environment } from "../../../api/environment/environment.ts";
import type { Cluster } from "../../../cluster/index.ts";
import { readSecret } from "../../../environment/index.ts";
import { Failure } from "../../../model/failure.ts";
import { secretText } from "../../../source/index.ts";

/** Under what the hooks are. */
export const hookPrefix = "/hook/";

/** So that nobody finds the token by trying, who may read the path in the status. */
const shortestToken = 16;

/**
 * The path to call for an Environment: unguessable, and of no meaning to who sees it. Derived as Flux derives those of its
 * Receivers.
 */
export function hookPath(token: string, { name, namespace }: Environment["metadata"]): string {
  return hookPrefix + createHash("sha256").update(token).update(name).update(namespace).digest("hex");
}

/**
 * The token of an Environment's webhook, or undefined where it has none. Throws `Failure` (SourceInvalid) where the Secret
 * is missing, or its token is missing or short.
 */
export async function readHookToken(
  cluster: Cluster,
  { spec, metadata }: Environment,
  signal: AbortSignal,
): Promise<string | undefined> {
  const name = spec.source.webhook?.secretRef.name;
  if (name === undefined) return undefined;
  const { namespace } = metadata;
  const secret = await readSecret(cluster, { namespace, name }, unusable, signal);
  const token = secretText(secret, "token")?.trim() ?? "";
  if (token === "") throw invalid(`Secret ${namespace}/${name} has no key "token"`);
  if (token.length < shortestToken) {
    throw invalid(`the token in Secret ${namespace}/${name} has less than ${shortestToken} characters`);
  }
  return token;
}

/** The path of an Environment's webhook, where it has one. Throws as `readHookToken` does. */
export async function readHookPath(
  cluster: Cluster,
  environment: Environment,
  signal: AbortSignal,
): Promise<string | undefined> {
  const token = await readHookToken(cluster, environment, signal);
  return token === undefined ? undefined : hookPath(token, environment.metadata);
}

const unusable = {
  code: "SourceInvalid",
  field: "spec.source.webhook.secretRef",
  hint: "create one with: kubectl create secret generic NAME --from-literal=token=$(openssl rand -hex 32)",
} as const;

function invalid(message: string): Failure {
  const { code, ...where } = unusable;
  return new Failure(code, { message, ...where });
}
