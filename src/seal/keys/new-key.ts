import { constants, generateKeyPair, privateEncrypt, randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { md, pki } from "node-forge";

/** A new key pair as PEM: the certificate seals, the private key opens. */
export interface NewSealingKey {
  readonly certificatePem: string;
  /** PKCS#1 (`RSA PRIVATE KEY`), as the sealed-secrets controller writes it. */
  readonly privateKeyPem: string;
}

/** `bits` defaults to 4096, as in the sealed-secrets controller. */
export interface NewKeyOptions {
  readonly bits?: number;
}

const generate = promisify(generateKeyPair);

/** The default of the sealed-secrets controller. */
const validYears = 10;

/**
 * Makes an RSA key and a self-signed certificate for it, valid from `now` on. The key is made in the thread pool, so
 * the event loop stays free for the second or two it takes. Subject and extensions are those of `SignKeyWithNotBefore`
 * in sealed-secrets: an empty name, a CA that signs nothing, usage "encipher only".
 */
export async function newSealingKey(now: Date, options: NewKeyOptions = {}): Promise<NewSealingKey> {
  const pair = await generate("rsa", {
    modulusLength: options.bits ?? 4096,
    publicExponent: 0x10001,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs1", format: "pem" },
  });
  const { default: forge } = await import("node-forge");
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(pair.publicKey);
  certificate.serialNumber = serialNumber();
  certificate.validity.notBefore = now;
  certificate.validity.notAfter = yearsAfter(now, validYears);
  certificate.setExtensions([
    { name: "basicConstraints", cA: true, critical: true },
    { name: "keyUsage", encipherOnly: true, critical: true },
  ]);
  certificate.sign(signer(pair.privateKey), forge.md.sha256.create());
  const certificatePem = forge.pki.certificateToPem(certificate).replaceAll("\r\n", "\n");
  return { certificatePem, privateKeyPem: pair.privateKey };
}

/** The ASN.1 that names SHA-256 in front of a digest (RFC 8017, 9.2). */
const sha256Prefix = Buffer.from("3031300d060960864801650304020105000420", "hex");

/** A key that signs with OpenSSL: forge's own arithmetic would hold the event loop for half a second. */
function signer(privateKeyPem: string): pki.rsa.PrivateKey {
  const key = { key: privateKeyPem, padding: constants.RSA_PKCS1_PADDING };
  const sign = (digest: md.MessageDigest) =>
    privateEncrypt(key, Buffer.concat([sha256Prefix, Buffer.from(digest.digest().getBytes(), "latin1")])).toString(
      "latin1",
    );
  return { sign } as unknown as pki.rsa.PrivateKey;
}

/** Sixteen random bytes in hex, the top bit clear so that the number is positive (RFC 5280, 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x01;
  return bytes.toString("hex");
}

function yearsAfter(date: Date, years: number): Date {
  const later = new Date(date);
  later.setUTCFullYear(later.getUTCFullYear() + years);
  return later;
}
