import { createPublicKey, type KeyObject, verify, type webcrypto } from "node:crypto";
import { ownMember } from "../../../model/json/json.ts";
import { sshReader } from "./ssh-wire.ts";

const curves: Readonly<Record<string, { readonly crv: string; readonly hash: string; readonly size: number }>> = {
  "ecdsa-sha2-nistp256": { crv: "P-256", hash: "sha256", size: 32 },
  "ecdsa-sha2-nistp384": { crv: "P-384", hash: "sha384", size: 48 },
  "ecdsa-sha2-nistp521": { crv: "P-521", hash: "sha512", size: 66 },
};
const rsaHashes: Readonly<Record<string, string>> = { "rsa-sha2-256": "sha256", "rsa-sha2-512": "sha512" };

/**
 * Tells whether a signature over data was made by a public key, both as SSH writes them (RFC 4253, 5656, 8332, 8709).
 * False also for kinds of keys that are not understood: DSA, SHA-1, security keys.
 */
export function verifySshBlob(publicKey: Buffer, signature: Buffer, data: Buffer): boolean {
  const type = sshReader(publicKey).text();
  const fields = sshReader(signature);
  const algorithm = fields.text();
  const value = fields.bytes();
  if (type === "ssh-ed25519" && algorithm === type) return verify(null, data, keyOf(publicKey), value);
  const rsaHash = type === "ssh-rsa" ? ownMember(rsaHashes, algorithm) : undefined;
  if (rsaHash !== undefined) return verify(rsaHash, data, keyOf(publicKey), value);
  const curve = algorithm === type ? ownMember(curves, type) : undefined;
  if (curve === undefined) return false;
  const key = { key: keyOf(publicKey), dsaEncoding: "ieee-p1363" as const };
  return verify(curve.hash, data, key, bothHalves(value, curve.size));
}

/** The kinds of keys that are understood. */
export const keyTypes: ReadonlySet<string> = new Set(["ssh-ed25519", "ssh-rsa", ...Object.keys(curves)]);

/** As few bits as OpenSSH lets an RSA key have (SSH_RSA_MINIMUM_MODULUS_SIZE). */
const leastRsaBits = 1024;

/** Tells whether bytes are a public key of this type and nothing more. */
export function isPublicKey(blob: Buffer, type: string): boolean {
  try {
    const fields = sshReader(blob);
    if (fields.text() !== type) return false;
    const rest = [fields.bytes(), ...(type === "ssh-ed25519" ? [] : [fields.bytes()])];
    const length = 4 + type.length + rest.reduce((sum, part) => sum + 4 + part.length, 0);
    if (Object.hasOwn(curves, type) && !type.endsWith(`-${rest[0]?.toString("latin1")}`)) return false;
    const key = keyOf(blob);
    return length === blob.length && (key.asymmetricKeyDetails?.modulusLength ?? leastRsaBits) >= leastRsaBits;
  } catch {
    // Node's words for a point that is on no curve, or a field that ends too early.
    return false;
  }
}

function keyOf(publicKey: Buffer): KeyObject {
  return createPublicKey({ key: jwkOf(publicKey), format: "jwk" });
}

function jwkOf(publicKey: Buffer): webcrypto.JsonWebKey {
  const fields = sshReader(publicKey);
  const type = fields.text();
  if (type === "ssh-ed25519") return { kty: "OKP", crv: "Ed25519", x: fields.bytes().toString("base64url") };
  if (type === "ssh-rsa") {
    const [e, n] = [fields.bytes(), fields.bytes()];
    return { kty: "RSA", e: unsigned(e).toString("base64url"), n: unsigned(n).toString("base64url") };
  }
  fields.text();
  const point = fields.bytes();
  const size = (point.length - 1) / 2;
  return {
    kty: "EC",
    crv: ownMember(curves, type)?.crv ?? "",
    x: point.toString("base64url", 1, 1 + size),
    y: point.toString("base64url", 1 + size),
  };
}

/** A positive number of SSH has a zero byte before a high bit. */
function unsigned(number: Buffer): Buffer {
  return number[0] === 0 ? number.subarray(1) : number;
}

/** The two numbers of an ECDSA signature, filled up to the curve's size. */
function bothHalves(value: Buffer, size: number): Buffer {
  const fields = sshReader(value);
  const filled = [fields.bytes(), fields.bytes()].map((number) => {
    const bytes = unsigned(number);
    return Buffer.concat([Buffer.alloc(Math.max(0, size - bytes.length)), bytes]);
  });
  return Buffer.concat(filled);
}
