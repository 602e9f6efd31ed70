import { createHash, type KeyObject } from "node:crypto";
import { Failure } from "../../model/failure.ts";

/**
 * The fingerprint of an RSA public key, `SHA256:` and 43 characters of base64: the one OpenSSH prints and the
 * sealed-secrets controller names keys by (`PublicKeyFingerprint` in `pkg/crypto/crypto.go`).
 * Throws `Failure` (CertificateInvalid) for any other kind of key.
 */
export function fingerprint(publicKey: KeyObject): string {
  const { n, e } = publicKey.export({ format: "jwk" });
  if (publicKey.asymmetricKeyType !== "rsa" || n === undefined || e === undefined) {
    const type = publicKey.asymmetricKeyType ?? publicKey.type;
    throw new Failure("CertificateInvalid", { message: `sealing needs an RSA key, but this one has the type ${type}` });
  }
  const parts = [Buffer.from("ssh-rsa"), positive(Buffer.from(e, "base64url")), positive(Buffer.from(n, "base64url"))];
  return hashed(Buffer.concat(parts.map(withLength)));
}

/** The fingerprint of other bytes, in the same spelling. */
function hashed(bytes: Uint8Array): string {
  return `SHA256:${createHash("sha256").update(bytes).digest("base64").replaceAll("=", "")}`;
}

/** RFC 4251 `mpint`: a leading zero keeps a number with its top bit set positive. */
function positive(bytes: Buffer): Buffer {
  return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
