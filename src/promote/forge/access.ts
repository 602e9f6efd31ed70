import type { ForgeSpec } from "../../api/forge.ts";
import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { credentialsFrom, type GithubApp, type Network, secretText } from "../../source/index.ts";

/** What a forge lets somebody in with: a token, or an app of GitHub's. Never printed. */
export interface ForgeAccess {
  readonly token?: string | undefined;
  readonly githubApp?: GithubApp | undefined;
  /** PEM: the authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
}

/** Which repository of which forge, and how to get in. */
export interface ForgeOptions extends Omit<ForgeSpec, "secretRef"> {
  readonly access: ForgeAccess;
  readonly userAgent: string;
  /** The limit of one request in milliseconds; half a minute where none is given. */
  readonly timeoutMs?: number | undefined;
  /** What may be reached; as on a person's machine where none is given. */
  readonly network?: Network | undefined;
}

/**
 * Reads the Secret of a forge: `token`, or the keys of a GitHub app as a source's Secret has them, and `ca.crt`. Throws
 * `Failure`: ForgeDenied where there is neither, SourceInvalid where a value is not text or an app is incomplete.
 */
export function forgeAccessFrom(secret: KubeObject): ForgeAccess {
  const token = secretText(secret, "token")?.trim();
  const { githubApp, ca } = credentialsFrom(secret);
  if (token !== undefined || githubApp !== undefined) return { token, githubApp, ca };
  const { name, namespace = "" } = secret.metadata;
  throw new Failure("ForgeDenied", {
    object: `Secret/${namespace}/${name}`,
    message: "contains no token for the forge",
    hint: "add it under the key token, or add a GitHub app under githubAppID, githubAppInstallationID and githubAppPrivateKey",
  });
}
