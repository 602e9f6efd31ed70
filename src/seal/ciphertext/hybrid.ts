import { constants, createCipheriv, createDecipheriv, type KeyObject, publicEncrypt, randomBytes } from "node:crypto";

/** The two parts of a value as kubeseal writes it: the session key wrapped by RSA, and the value under AES-256-GCM. */
export interface Envelope {
  readonly wrappedKey: Uint8Array;
  readonly body: Uint8Array;
}

const tagLength = 16;
/** A session key is used once, so a fixed nonce repeats under no key. */
const zeroNonce = Buffer.alloc(12);

/**
 * Seals a value as kubeseal does (`HybridEncrypt` in `pkg/crypto/crypto.go` of sealed-secrets): the length of the RSA
 * ciphertext in two bytes, big endian; the session key under RSA-OAEP-SHA256 with the label; the value under
 * AES-256-GCM with that key.
 */
export function sealHybrid(publicKey: KeyObject, value: Uint8Array, label: string): Buffer {
  const sessionKey = randomBytes(32);
  const wrapped = publicEncrypt(
    { key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha256", oaepLabel: Buffer.from(label) },
    sessionKey,
  );
  const cipher = createCipheriv("aes-256-gcm", sessionKey, zeroNonce);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(wrapped.length);
  return Buffer.concat([length, wrapped, cipher.update(value), cipher.final(), cipher.getAuthTag()]);
}

/** Takes a sealed value apart; undefined where it is too short to hold what its length prefix promises. */
export function readEnvelope(bytes: Uint8Array): Envelope | undefined {
  const [high, low] = bytes;
  if (high === undefined || low === undefined) return undefined;
  const end = 2 + high * 256 + low;
  if (bytes.length < end + tagLength) return undefined;
  return { wrappedKey: bytes.subarray(2, end), body: bytes.subarray(end) };
}

/**
 * Unwraps the session key, off the event loop (WebCrypto runs in the thread pool). Undefined where this key or this
 * label is not the one it was wrapped with: RSA-OAEP does not say which.
 */
export async function unwrapKey(envelope: Envelope, key: CryptoKey, label: string): Promise<Uint8Array | undefined> {
  const algorithm = { name: "RSA-OAEP", label: Buffer.from(label) };
  try {
    return new Uint8Array(await crypto.subtle.decrypt(algorithm, key, Buffer.from(envelope.wrappedKey)));
  } catch {
    return undefined;
  }
}

/** Opens the value with the session key; undefined where it was altered. */
export function openBody(envelope: Envelope, sessionKey: Uint8Array): Buffer | undefined {
  const { body } = envelope;
  try {
    const decipher = createDecipheriv("aes-256-gcm", sessionKey, zeroNonce, { authTagLength: tagLength });
    decipher.setAuthTag(body.subarray(body.length - tagLength));
    return Buffer.concat([decipher.update(body.subarray(0, body.length - tagLength)), decipher.final()]);
  } catch {
    return undefined;
  }
}
