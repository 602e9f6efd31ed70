import { untilAborted } from "../../../model/async/until-aborted.ts";
import { Failure } from "../../../model/failure.ts";
import type { RepositoryUrl } from "../../url.ts";
import { fingerprint, type HostTrust, judgeHostKey, keyType, knownKeys } from "./known-hosts.ts";
import { hostKeyAlgorithms } from "./ssh-handshake.ts";

/** The key that an SSH host shows, and what is thought of it. */
export interface ShownHostKey {
  readonly trust: HostTrust;
  /** `ssh-ed25519`, … */
  readonly type: string;
  /** `SHA256:…`, as hosts publish it. */
  readonly fingerprint: string;
  /** The line that makes a known_hosts file trust it. */
  readonly line: string;
}

const timeoutMs = 20_000;

/**
 * Asks an SSH host for its key and hangs up before anything is sent to it: for a person to compare, never to trust as it
 * is. Throws `Failure` (SourceUnreachable).
 */
export async function scanHostKey(url: RepositoryUrl, knownHosts: string, signal: AbortSignal): Promise<ShownHostKey> {
  const { default: ssh2 } = await import("ssh2");
  const port = url.port ?? 22;
  const known = knownKeys(knownHosts, url.host, port);
  const client = new ssh2.Client();
  const shown = new Promise<Buffer>((resolve, reject) => {
    const hostVerifier = (key: Buffer): boolean => {
      resolve(key);
      return false;
    };
    client.on("error", (error) => reject(unreachable(url, error.message)));
    client.once("close", () => reject(unreachable(url, "it closed the connection")));
    const algorithms = { serverHostKey: hostKeyAlgorithms(known) };
    client.connect({ host: url.host, port, username: "git", readyTimeout: timeoutMs, algorithms, hostVerifier });
  });
  try {
    const key = await untilAborted(shown, signal);
    const name = port === 22 ? url.host : `[${url.host}]:${port}`;
    const type = keyType(key);
    const line = `${name} ${type} ${key.toString("base64")}`;
    return { trust: judgeHostKey(known, key), type, fingerprint: fingerprint(key), line };
  } finally {
    client.destroy();
  }
}

function unreachable(url: RepositoryUrl, why: string): Failure {
  return new Failure("SourceUnreachable", { message: `cannot reach ${url.address}: ${why}` });
}
