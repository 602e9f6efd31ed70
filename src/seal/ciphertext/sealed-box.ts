import { createPublicKey, hkdfSync, timingSafeEqual } from "node:crypto";
import { privateKey } from "../keys/key-ring.ts";

/** An X25519 key pair as libsodium takes it. */
export interface BoxKey {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** An opened box: the label that was bound into it, and the value. */
export interface OpenedBox {
  readonly label: string;
  readonly value: Buffer;
}

/** The layout of a box's plaintext: this byte, the label's length in two bytes (big endian), the label, the value. */
const layout = 1;

/**
 * The X25519 pair that belongs to an RSA sealing key. It is derived from the RSA primes (HKDF-SHA256), so it is kept,
 * renewed, backed up, adopted and restored together with that key, wherever it came from, and can never be lost alone.
 */
export async function boxKeyOf(privateKeyPem: string): Promise<BoxKey> {
  const sodium = await loadSodium();
  const { p = "", q = "" } = privateKey(privateKeyPem).export({ format: "jwk" });
  const primes = [p, q].map((prime) => Buffer.from(prime, "base64url")).sort(Buffer.compare);
  const seed = new Uint8Array(hkdfSync("sha256", Buffer.concat(primes), "", "mooring.dev/x25519/v1", 32));
  const pair = sodium.crypto_box_seed_keypair(seed);
  return { publicKey: pair.publicKey, privateKey: pair.privateKey };
}

/** The public half as a PEM block (RFC 8410), to stand after a certificate; kubeseal passes over such a block. */
export function boxKeyPem(publicKey: Uint8Array): string {
  const x = Buffer.from(publicKey).toString("base64url");
  return createPublicKey({ key: { kty: "OKP", crv: "X25519", x }, format: "jwk" }).export({
    type: "spki",
    format: "pem",
  });
}

/** Seals a value as a libsodium sealed box (`crypto_box_seal`). Such a box binds no context, so the label goes inside. */
export async function sealBox(publicKey: Uint8Array, value: Uint8Array, label: string): Promise<Buffer> {
  const sodium = await loadSodium();
  const bound = Buffer.from(label);
  const head = Buffer.alloc(3);
  head.writeUInt8(layout);
  head.writeUInt16BE(bound.length, 1);
  return Buffer.from(sodium.crypto_box_seal(Buffer.concat([head, bound, value]), publicKey));
}

/** Opens a box; undefined where it was made for another key, was altered, or is of a later layout. */
export async function openBox(box: Uint8Array, key: BoxKey): Promise<OpenedBox | undefined> {
  const sodium = await loadSodium();
  try {
    return readPlaintext(Buffer.from(sodium.crypto_box_seal_open(box, key.publicKey, key.privateKey)));
  } catch {
    return undefined;
  }
}

/** Compares labels in constant time for labels of one length. */
export function sameLabel(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function readPlaintext(plaintext: Buffer): OpenedBox | undefined {
  if (plaintext.length < 3 || plaintext[0] !== layout) return undefined;
  const end = 3 + plaintext.readUInt16BE(1);
  if (plaintext.length < end) return undefined;
  return { label: plaintext.subarray(3, end).toString(), value: plaintext.subarray(end) };
}

/** Loaded where a box is sealed or opened, since most programs never need it. */
async function loadSodium() {
  const { default: sodium } = await import("libsodium-wrappers");
  await sodium.ready;
  return sodium;
}
