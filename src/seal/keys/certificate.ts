import { createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { Failure } from "../../model/failure.ts";
import { fingerprint } from "./fingerprint.ts";

/** What a value is sealed with: the public half of a sealing key. */
export interface SealingCertificate {
  /** The fingerprint of its public key; equals the `id` of the sealing key that opens what it seals. */
  readonly id: string;
  readonly publicKey: KeyObject;
  /** The X25519 public key of the same sealing key, 32 bytes, where the PEM text has one beside the certificate. */
  readonly boxKey?: Uint8Array;
  readonly notBefore: Date;
  readonly notAfter: Date;
}

const boxBlock = /-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----/;
const block = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;

/**
 * Reads the first certificate of a PEM text; other blocks are passed over, as kubeseal does. An expired one is read
 * too: only `usableCertificate` refuses it. Throws `Failure` (CertificateInvalid).
 */
export function readCertificate(pem: string): SealingCertificate {
  const found = block.exec(pem)?.[0];
  if (found === undefined) {
    throw new Failure("CertificateInvalid", {
      message: "no certificate found",
      hint: "a PEM file with a block BEGIN CERTIFICATE is needed, as `mooring cert` prints it",
    });
  }
  const certificate = parse(found);
  const boxKey = readBoxKey(boxBlock.exec(pem)?.[0]);
  return {
    id: fingerprint(certificate.publicKey),
    publicKey: certificate.publicKey,
    ...(boxKey === undefined ? {} : { boxKey }),
    notBefore: new Date(certificate.validFrom),
    notAfter: new Date(certificate.validTo),
  };
}

/** Every certificate of a PEM text, in order: the newest first, then those it took the place of. Throws `Failure` (CertificateInvalid). */
export function readCertificates(pem: string): readonly SealingCertificate[] {
  return (pem.match(new RegExp(block, "g")) ?? []).map(readCertificate);
}

/** The certificate, if it may still seal: an expired one is refused, as kubeseal does. Throws `Failure` (CertificateInvalid). */
export function usableCertificate(pem: string, now: Date): SealingCertificate {
  const certificate = readCertificate(pem);
  if (now <= certificate.notAfter) return certificate;
  throw new Failure("CertificateInvalid", {
    message: `the certificate expired on ${certificate.notAfter.toISOString().slice(0, 10)}`,
    hint: "fetch the newest one with `mooring cert`",
  });
}

function parse(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new Failure(
      "CertificateInvalid",
      { message: "the certificate cannot be read: its content is damaged" },
      { cause },
    );
  }
}

/** A public key of another kind is passed over. */
function readBoxKey(pem: string | undefined): Uint8Array | undefined {
  if (pem === undefined) return undefined;
  try {
    const { crv, x } = createPublicKey(pem).export({ format: "jwk" });
    return crv === "X25519" && x !== undefined ? Buffer.from(x, "base64url") : undefined;
  } catch (cause) {
    throw new Failure(
      "CertificateInvalid",
      { message: "the X25519 key beside the certificate cannot be read: its content is damaged" },
      { cause },
    );
  }
}
