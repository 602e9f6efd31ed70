import { createHash } from "node:crypto";
import type { SshSigner } from "./allowed-signers.ts";
import type { Signed, SignedPart } from "./signed-object.ts";
import { verifySshBlob } from "./ssh-public-key.ts";
import { sshBytes, sshReader } from "./ssh-wire.ts";

const magic = "SSHSIG";
const hashes = new Set(["sha256", "sha512"]);

/**
 * Judges an armored SSH signature of Git's (PROTOCOL.sshsig of OpenSSH): made for the namespace `git`, by one of the
 * signers, at a time at which their signatures count.
 */
export function verifySshSignature(
  { payload, signature }: SignedPart,
  signers: readonly SshSigner[],
  at: number,
): Signed {
  const parts = readSignature(signature);
  if (parts === undefined || parts.namespace !== "git" || !hashes.has(parts.hash)) return { verdict: "broken" };
  const named = signers.filter(({ blob }) => blob.equals(parts.publicKey));
  const by = `SHA256:${createHash("sha256").update(parts.publicKey).digest("base64").replaceAll("=", "")}`;
  if (named.length === 0) return { verdict: "unknown", by };
  const signer = named.find(({ validAfter, validBefore }) => (validAfter ?? at) <= at && at <= (validBefore ?? at));
  if (signer === undefined) return { verdict: "outdated", by };
  const signed = Buffer.concat([
    Buffer.from(magic),
    sshBytes(parts.namespace),
    sshBytes(parts.reserved),
    sshBytes(parts.hash),
    sshBytes(createHash(parts.hash).update(payload).digest()),
  ]);
  const fits = attempt(() => verifySshBlob(parts.publicKey, parts.value, signed)) ?? false;
  return fits ? { verdict: "good", by: `${signer.name} (${by})` } : { verdict: "broken" };
}

function readSignature(armored: string) {
  const encoded = /-----BEGIN SSH SIGNATURE-----([A-Za-z0-9+/=\s]*)-----END SSH SIGNATURE-----/.exec(armored)?.[1];
  return attempt(() => {
    const fields = sshReader(Buffer.from(encoded ?? "", "base64"));
    if (fields.raw(magic.length).toString("latin1") !== magic || fields.uint32() !== 1) return undefined;
    const publicKey = fields.bytes();
    const namespace = fields.text();
    const reserved = fields.bytes();
    return { publicKey, namespace, reserved, hash: fields.text(), value: fields.bytes() };
  });
}

/** Undefined where forged bytes make the attempt throw. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
