import { createPrivateKey, createPublicKey, type KeyObject, randomInt } from "node:crypto";
import { sealingKeyLabel } from "../../api/sealed-secret.ts";
import { Failure, type Problem, toFailure } from "../../model/failure.ts";
import { stringAt } from "../../model/json/json.ts";
import type { KubeObject } from "../../model/manifest.ts";
import { decodeBase64, encodeBase64 } from "../../model/text/base64.ts";
import { readCertificate } from "./certificate.ts";
import { fingerprint } from "./fingerprint.ts";
import type { NewSealingKey } from "./new-key.ts";

/** What opening takes: a private key. */
export interface OpeningKey {
  /** The fingerprint of the public key. */
  readonly id: string;
  readonly privateKeyPem: string;
}

/** A key pair that opens what its certificate sealed. */
export interface SealingKey extends OpeningKey {
  readonly certificatePem: string;
  /** Since when its certificate is valid: what the sealed-secrets controller orders keys by. */
  readonly created: Date;
  /** The Secret it was read from. */
  readonly name?: string;
}

/** The keys that open. A `KeyRing` is one of these. */
export interface OpeningKeys {
  readonly keys: readonly OpeningKey[];
}

/** The keys at hand. */
export interface KeyRing {
  /** Newest first: the first one seals, all of them open. */
  readonly keys: readonly SealingKey[];
  /** What could not be read as a key, and why. */
  readonly problems: readonly Problem[];
}

/**
 * The keys of labelled TLS Secrets, as the sealed-secrets controller keeps them (`pkg/controller/keys.go`). Secrets
 * without the label, or with another value than `active`, are passed over. A key that cannot be read is a problem of the
 * ring and does not spoil the others.
 */
export function keyRing(secrets: readonly KubeObject[]): KeyRing {
  const keys = new Map<string, SealingKey>();
  const problems: Problem[] = [];
  for (const secret of secrets) {
    if (secret.metadata.labels?.[sealingKeyLabel] !== "active") continue;
    try {
      const key = readSealingKey(secret);
      keys.set(key.id, key);
    } catch (thrown) {
      const object = `Secret/${secret.metadata.namespace ?? ""}/${secret.metadata.name}`;
      problems.push(...toFailure(thrown).problems.map((problem) => ({ ...problem, object })));
    }
  }
  return { keys: [...keys.values()].sort(newestFirst), problems };
}

/** The Secret that holds a key, named and labelled as the sealed-secrets controller does, so that each finds the other's. */
export function sealingKeySecret(key: NewSealingKey, namespace: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: `sealed-secrets-key${suffix()}`, namespace, labels: { [sealingKeyLabel]: "active" } },
    type: "kubernetes.io/tls",
    data: {
      "tls.crt": encodeBase64(Buffer.from(key.certificatePem)),
      "tls.key": encodeBase64(Buffer.from(key.privateKeyPem)),
    },
  };
}

/** A sealing key of PEM texts. Throws `Failure` (CertificateInvalid), never with a word of the key in it. */
export function sealingKey(certificatePem: string, privateKeyPem: string, name?: string): SealingKey {
  const certificate = readCertificate(certificatePem);
  const id = privateKeyId(privateKeyPem);
  if (certificate.id !== id) {
    throw new Failure("CertificateInvalid", {
      message: "the certificate (tls.crt) does not belong to the key (tls.key)",
    });
  }
  const created = certificate.notBefore;
  return { id, certificatePem, privateKeyPem, created, ...(name === undefined ? {} : { name }) };
}

/** The fingerprint of a private key. Throws `Failure` (CertificateInvalid). */
export function privateKeyId(privateKeyPem: string): string {
  return fingerprint(createPublicKey(privateKey(privateKeyPem)));
}

/** Reads a PEM private key, PKCS#1 or PKCS#8. Throws `Failure` (CertificateInvalid). */
export function privateKey(privateKeyPem: string): KeyObject {
  try {
    return createPrivateKey(privateKeyPem);
  } catch {
    // OpenSSL's own message is left out: it may quote what it was given.
    throw new Failure("CertificateInvalid", {
      message: "the private key cannot be read: an unencrypted RSA key in PEM is needed",
    });
  }
}

function readSealingKey(secret: KubeObject): SealingKey {
  return sealingKey(dataOf(secret, "tls.crt"), dataOf(secret, "tls.key"), secret.metadata.name);
}

function dataOf(secret: KubeObject, field: string): string {
  const text = stringAt(secret, "data", field);
  const bytes = text === undefined ? undefined : decodeBase64(text);
  if (bytes !== undefined) return bytes.toString();
  const message = text === undefined ? "is missing from the key's Secret" : "is not base64";
  throw new Failure("CertificateInvalid", { message, field: `data["${field}"]` });
}

function newestFirst(a: SealingKey, b: SealingKey): number {
  return b.created.getTime() - a.created.getTime() || (a.id < b.id ? -1 : 1);
}

/** Five letters of the alphabet that Kubernetes uses for `generateName`. */
function suffix(): string {
  const alphabet = "bcdfghjklmnpqrstvwxz2456789";
  return Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join("");
}
