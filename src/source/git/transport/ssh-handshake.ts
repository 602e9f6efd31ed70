import { createConnection } from "node:net";
import type { Client, ConnectConfig, ParsedKey, ServerHostKeyAlgorithm } from "ssh2";
import { Failure } from "../../../model/failure.ts";
import type { Credentials } from "../../credentials/credentials.ts";
import { checkHost, guardedLookup } from "../../reach/check.ts";
import type { Reach } from "../../reach/reach.ts";
import type { RepositoryUrl } from "../../url.ts";
import { fingerprint, judgeHostKey, type KnownKeys, keyType, knownKeys } from "./known-hosts.ts";

/** Where to connect to, and with what. */
export interface Destination {
  readonly url: RepositoryUrl;
  readonly credentials: Credentials;
  readonly reach: Reach;
}

/**
 * A connection that is logged in, to a host whose key is known; `onClose` is called when it ends. Throws `Failure`: SourceDenied,
 * SourceUnreachable, SourceInvalid.
 */
export async function connect(
  { url, credentials, reach }: Destination,
  onClose: () => void,
  signal: AbortSignal,
): Promise<Client> {
  const { default: ssh2 } = await import("ssh2");
  const key = identityOf(credentials, ssh2.utils.parseKey);
  const at = { host: url.host, port: url.port ?? 22 };
  await checkHost(reach, at);
  const known = knownKeys(credentials.knownHosts ?? "", at.host, at.port);
  const client = new ssh2.Client();
  let refused: Failure | undefined;
  const hostVerifier = (shown: Buffer): boolean => {
    refused = hostFailure(known, shown, url);
    return refused === undefined;
  };
  return new Promise((resolve, reject) => {
    const giveUp = () => client.destroy();
    signal.addEventListener("abort", giveUp, { once: true });
    client.once("ready", () => {
      signal.removeEventListener("abort", giveUp);
      client.setNoDelay(true);
      resolve(client);
    });
    client.once("close", () => {
      onClose();
      reject(new Failure("SourceUnreachable", { message: `${url.host} closed the connection` }));
    });
    client.on("error", (error) => {
      onClose();
      reject(error instanceof Failure ? error : (refused ?? connectionFailure(error, key, url)));
    });
    const sock = createConnection({ ...at, lookup: guardedLookup(reach, at) });
    client.connect({ ...settings(url, credentials, known), sock, hostVerifier });
  });
}

function settings(url: RepositoryUrl, credentials: Credentials, known: KnownKeys): ConnectConfig {
  const { identity, identityPassphrase } = credentials;
  return {
    username: userOf(url),
    ...(identity === undefined ? {} : { privateKey: identity }),
    ...(identityPassphrase === undefined ? {} : { passphrase: identityPassphrase }),
    algorithms: { serverHostKey: hostKeyAlgorithms(known) },
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
  };
}

/** Without SHA-1 and DSA. */
const modern: readonly ServerHostKeyAlgorithm[] = [
  "ssh-ed25519",
  "ecdsa-sha2-nistp256",
  "ecdsa-sha2-nistp384",
  "ecdsa-sha2-nistp521",
  "rsa-sha2-512",
  "rsa-sha2-256",
];

/** Which types of host key to accept: a host has several, and must show one that is known where any is. */
export function hostKeyAlgorithms(known: KnownKeys): ServerHostKeyAlgorithm[] {
  const types = new Set(known.trusted.map(({ type }) => type));
  const fitting = modern.filter((name) => types.has(name.startsWith("rsa-") ? "ssh-rsa" : name));
  return fitting.length > 0 ? fitting : [...modern];
}

type ParseKey = (data: string, passphrase?: string) => ParsedKey | Error;

function identityOf(credentials: Credentials, parseKey: ParseKey): ParsedKey {
  const { identity, identityPassphrase } = credentials;
  if (identity === undefined || credentials.knownHosts === undefined) {
    throw new Failure("SourceInvalid", {
      message: "a repository over SSH needs a Secret with a private key and the host's public keys",
      hint: "put them under identity and known_hosts into the Secret that secretRef names",
    });
  }
  const key = parseKey(identity, identityPassphrase);
  if (!(key instanceof Error)) return key;
  const wrongPassphrase = identityPassphrase !== undefined || /passphrase/i.test(key.message);
  throw new Failure("SourceInvalid", {
    message: "the private key under identity cannot be read",
    hint: wrongPassphrase
      ? "it is encrypted, and the password in the Secret is missing or does not fit"
      : "OpenSSH and PEM keys of ed25519, ECDSA and RSA are understood",
  });
}

function hostFailure(known: KnownKeys, shown: Buffer, url: RepositoryUrl): Failure | undefined {
  const trust = judgeHostKey(known, shown);
  const key = `${keyType(shown)} ${fingerprint(shown)}`;
  switch (trust) {
    case "trusted":
      return undefined;
    case "revoked":
      return new Failure("SourceDenied", { message: `${url.host} shows a key that known_hosts revokes: ${key}` });
    case "changed":
      return new Failure("SourceDenied", {
        message: `${url.host} shows a key that is not the one in known_hosts: ${key}`,
        hint: `known are ${known.trusted.map(({ type, blob }) => `${type} ${fingerprint(blob)}`).join(", ")}; someone may be in between`,
      });
    case "unknown":
      return new Failure("SourceDenied", {
        message: `${url.host} is not in known_hosts; it shows ${key}`,
        hint: "compare the fingerprint with what the host's owner publishes, then add the key to known_hosts",
      });
  }
}

function connectionFailure(error: Error, key: ParsedKey, url: RepositoryUrl): Failure {
  const level = "level" in error ? error.level : undefined;
  if (level === "client-authentication") {
    return new Failure("SourceDenied", {
      message: `${url.host} does not accept the key ${fingerprint(key.getPublicSSH())} for ${userOf(url)}`,
      hint: "add its public half to the repository as a deploy key",
    });
  }
  return new Failure(
    "SourceUnreachable",
    { message: `cannot reach ${url.address}: ${error.message}` },
    { cause: error },
  );
}

function userOf(url: RepositoryUrl): string {
  return url.user ?? "git";
}
