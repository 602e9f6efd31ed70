import { Failure } from "../../model/failure.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { secretName, secretText } from "./secret-texts.ts";

/** How to log in to a repository and connect to it. Never printed. */
export interface Credentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly bearerToken?: string | undefined;
  /** PEM: the authorities to trust instead of the system's. */
  readonly ca?: string | undefined;
  /** PEM, with `clientKey`: for mutual TLS. */
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  /** A private SSH key, in OpenSSH or PEM format. */
  readonly identity?: string | undefined;
  readonly identityPassphrase?: string | undefined;
  /** Lines of an OpenSSH known_hosts file. */
  readonly knownHosts?: string | undefined;
  /** The proxy to go through instead of the one that the environment names: `http://user:password@host:port`. */
  readonly proxy?: string | undefined;
  readonly githubApp?: GithubApp | undefined;
}

/** An app of GitHub's, installed for an organisation or a user. */
export interface GithubApp {
  readonly id: string;
  readonly installationId: string;
  /** PEM. */
  readonly privateKey: string;
  /** `https://api.github.com`, or `https://<host>/api/v3`; no slash at the end. */
  readonly baseUrl: string;
}

/**
 * Reads the Secret of a proxy by Flux's key names: `address`, and `username` and `password` where it wants them.
 * Throws `Failure` (SourceInvalid) where the address is missing or not one of http or https.
 * Upstream: https://fluxcd.io/flux/components/source/gitrepositories/#proxy-secret-reference
 */
export function proxyFrom(secret: KubeObject): Pick<Credentials, "proxy"> {
  const address = secretText(secret, "address")?.trim() ?? "";
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new Failure("SourceInvalid", {
      object: secretName(secret),
      field: "data.address",
      message: "is not the address of a proxy",
      hint: "such as http://proxy.example.com:3128",
    });
  }
  url.username = encodeURIComponent(secretText(secret, "username") ?? "");
  url.password = encodeURIComponent(secretText(secret, "password") ?? "");
  return { proxy: url.href };
}

/** No credentials: a public repository. */
export const anonymous: Credentials = {};

/**
 * Reads the Secret of a source by Flux's key names: `username`, `password`, `bearerToken`, `ca.crt`, `tls.crt`,
 * `tls.key`, `identity`, `known_hosts`, and `githubAppID`, `githubAppInstallationID`, `githubAppPrivateKey`,
 * `githubAppBaseURL`; beside an `identity` the `password` is its passphrase. The names that Flux deprecated (`caFile`, `certFile`, `keyFile`) are read where the new ones are absent.
 * Throws `Failure` (SourceInvalid) where a value is not text, or one half of a pair is missing.
 * Upstream: https://fluxcd.io/flux/components/source/gitrepositories/#secret-reference
 */
export function credentialsFrom(secret: KubeObject): Credentials {
  const read = (key: string): string | undefined => secretText(secret, key);
  const identity = read("identity");
  const password = read("password");
  const credentials: Credentials = {
    username: read("username"),
    password: identity === undefined ? password : undefined,
    bearerToken: read("bearerToken")?.trim(),
    ca: read("ca.crt") ?? read("caFile"),
    clientCertificate: read("tls.crt") ?? read("certFile"),
    clientKey: read("tls.key") ?? read("keyFile"),
    identity,
    identityPassphrase: identity === undefined ? undefined : password,
    knownHosts: read("known_hosts"),
    githubApp: githubAppOf(secret, read),
  };
  refuseHalves(secret, credentials);
  return credentials;
}

function githubAppOf(secret: KubeObject, read: (key: string) => string | undefined): GithubApp | undefined {
  const [id, installationId, privateKey] = [
    read("githubAppID"),
    read("githubAppInstallationID"),
    read("githubAppPrivateKey"),
  ];
  if (id === undefined && installationId === undefined && privateKey === undefined) return undefined;
  if (id !== undefined && installationId !== undefined && privateKey !== undefined) {
    const baseUrl = (read("githubAppBaseURL") ?? "https://api.github.com").trim().replace(/(?<!\/)\/+$/, "");
    return { id: id.trim(), installationId: installationId.trim(), privateKey, baseUrl };
  }
  throw new Failure("SourceInvalid", {
    object: secretName(secret),
    message: "holds a part of a GitHub app",
    hint: "githubAppID, githubAppInstallationID and githubAppPrivateKey belong together",
  });
}

function refuseHalves(secret: KubeObject, found: Credentials): void {
  const halves = [
    { has: found.username, wants: found.password ?? found.identity, name: "username", missing: "password" },
    { has: found.password, wants: found.username, name: "password", missing: "username" },
    { has: found.clientCertificate, wants: found.clientKey, name: "tls.crt", missing: "tls.key" },
    { has: found.clientKey, wants: found.clientCertificate, name: "tls.key", missing: "tls.crt" },
    { has: found.identity, wants: found.knownHosts, name: "identity", missing: "known_hosts" },
  ];
  const problems = halves
    .filter((half) => half.has !== undefined && half.wants === undefined)
    .map((half) => ({ object: secretName(secret), message: `holds ${half.name} but not ${half.missing}` }));
  if (problems.length > 0) throw new Failure("SourceInvalid", problems);
}
