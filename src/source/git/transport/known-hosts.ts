import { createHash, createHmac } from "node:crypto";
import { matchesWildcardList } from "../../../model/text/wildcard.ts";

/** A host's public key, as it is sent: the type's name first. */
export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`. */
  readonly type: string;
  readonly blob: Buffer;
}

/** The keys of one host in a known_hosts file. */
export interface KnownKeys {
  readonly trusted: readonly HostKey[];
  readonly revoked: readonly HostKey[];
}

/** How a key that a host shows stands to the keys that are known of it. */
export type HostTrust = "trusted" | "revoked" | "changed" | "unknown";

/**
 * The keys of a host in the lines of a known_hosts file: plain, `[host]:port`, wildcard, negated and hashed names, and
 * the mark `@revoked` (sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT"). Lines of `@cert-authority` are passed over: they vouch
 * for certificates, which are not understood, not for keys.
 */
export function knownKeys(knownHosts: string, host: string, port: number): KnownKeys {
  const name = (port === 22 ? host : `[${host}]:${port}`).toLowerCase();
  const trusted: HostKey[] = [];
  const revoked: HostKey[] = [];
  for (const line of knownHosts.split("\n")) {
    const fields = line.trim().split(/\s+/);
    const mark = fields[0]?.startsWith("@") ? fields.shift() : undefined;
    const [patterns = "", type = "", encoded = ""] = fields;
    if (patterns.startsWith("#") || encoded === "" || !namesHost(patterns, name)) continue;
    const key = { type, blob: Buffer.from(encoded, "base64") };
    if (mark === undefined) trusted.push(key);
    if (mark === "@revoked") revoked.push(key);
  }
  return { trusted, revoked };
}

/** Judges a key that a host shows. Trust on first use is not among the answers. */
export function judgeHostKey(known: KnownKeys, shown: Buffer): HostTrust {
  const isShown = (key: HostKey): boolean => key.blob.equals(shown);
  if (known.revoked.some(isShown)) return "revoked";
  if (known.trusted.some(isShown)) return "trusted";
  return known.trusted.length === 0 ? "unknown" : "changed";
}

/** `SHA256:…`, as `ssh-keygen -l` prints it. */
export function fingerprint(blob: Buffer): string {
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replaceAll("=", "")}`;
}

/** The type at the head of a key's blob. */
export function keyType(blob: Buffer): string {
  const length = blob.length < 4 ? 0 : blob.readUInt32BE(0);
  return blob.toString("latin1", 4, Math.min(4 + length, blob.length));
}

function namesHost(patterns: string, name: string): boolean {
  if (patterns.startsWith("|1|")) return matchesHash(patterns, name);
  return matchesWildcardList(patterns.toLowerCase(), name);
}

function matchesHash(pattern: string, name: string): boolean {
  const [, , salt = "", hash = ""] = pattern.split("|");
  const expected = createHmac("sha1", Buffer.from(salt, "base64")).update(name).digest();
  return expected.equals(Buffer.from(hash, "base64"));
}
