import type { SealAlgorithm } from "../../api/sealed-secret.ts";
import { decodeBase64 } from "../../model/text/base64.ts";
import { type Envelope, openBody, readEnvelope, unwrapKey } from "../ciphertext/hybrid.ts";
import { openBox, sameLabel } from "../ciphertext/sealed-box.ts";
import type { OpeningKey } from "../keys/key-ring.ts";
import type { ItemRecord } from "../sealed-secret/seal-annotation.ts";
import { contentId, type Opened, type UnsealCache } from "./unseal-cache.ts";

/** A sealed value, and what it must be bound to. */
export interface SealedValue {
  readonly algorithm: SealAlgorithm;
  readonly label: string;
  /** In base64. */
  readonly text: string;
  /** Its entry in the seal annotation: that key is tried first. */
  readonly recorded?: ItemRecord;
}

/** Why a value did not open, where no private key was needed to find out: anybody who knows the certificates can tell. */
export type PublicRefusal =
  | { readonly reason: "notBase64" }
  | { readonly reason: "tooShort" }
  | { readonly reason: "noKeys" }
  /** None of the RSA keys has the length of the one that it was sealed with. */
  | { readonly reason: "otherSize"; readonly bits: number };

/** Why a value did not open. Which of these it is, only a key holder may know. */
export type SecretRefusal =
  /** The key and the label are right, the content is not. */
  | { readonly reason: "altered"; readonly keyId: string }
  /** Bound to another label, which is known. */
  | { readonly reason: "otherLabel"; readonly keyId: string; readonly label: string }
  /** No key opens it with this label; `bytes` are there to find out why. */
  | { readonly reason: "noKey"; readonly bytes: Uint8Array };

/** Why a value did not open. */
export type Refusal = PublicRefusal | SecretRefusal;

/** Opens a value with whichever key fits. Never throws for what the value holds. */
export async function openValue(
  sealed: SealedValue,
  keys: readonly OpeningKey[],
  cache: UnsealCache,
): Promise<Opened | Refusal> {
  const id = contentId(sealed.algorithm, sealed.label, sealed.text);
  const known = cache.find(id, keys);
  if (known !== undefined) return known;
  const bytes = decodeBase64(sealed.text);
  if (bytes === undefined) return { reason: "notBase64" };
  if (keys.length === 0) return { reason: "noKeys" };
  const first = sealed.recorded?.key;
  const ordered = keys.toSorted((a, b) => Number(b.id === first) - Number(a.id === first));
  const open = sealed.algorithm === "rsa" ? openRsa : openX25519;
  const outcome = await open(bytes, sealed.label, ordered, cache);
  if ("value" in outcome) cache.keep(id, outcome);
  return outcome;
}

/** Keys whose modulus is as long as the wrapped session key: only they can have wrapped it. */
export function fittingKeys(
  envelope: Envelope,
  keys: readonly OpeningKey[],
  cache: UnsealCache,
): readonly OpeningKey[] {
  return keys.filter((key) => cache.modulusBytes(key) === envelope.wrappedKey.length);
}

async function openRsa(
  bytes: Uint8Array,
  label: string,
  keys: readonly OpeningKey[],
  cache: UnsealCache,
): Promise<Opened | Refusal> {
  const envelope = readEnvelope(bytes);
  if (envelope === undefined) return { reason: "tooShort" };
  const fitting = fittingKeys(envelope, keys, cache);
  if (fitting.length === 0) return { reason: "otherSize", bits: envelope.wrappedKey.length * 8 };
  for (const key of fitting) {
    const sessionKey = await unwrapKey(envelope, cache.rsaKey(key), label);
    if (sessionKey === undefined) continue;
    const value = openBody(envelope, sessionKey);
    return value === undefined ? { reason: "altered", keyId: key.id } : { keyId: key.id, value };
  }
  return { reason: "noKey", bytes };
}

/** An ephemeral public key and a tag: what every sealed box has. */
const boxOverhead = 48;

async function openX25519(
  bytes: Uint8Array,
  label: string,
  keys: readonly OpeningKey[],
  cache: UnsealCache,
): Promise<Opened | Refusal> {
  if (bytes.length < boxOverhead) return { reason: "tooShort" };
  for (const key of keys) {
    const box = await openBox(bytes, await cache.boxKey(key));
    if (box === undefined) continue;
    if (!sameLabel(box.label, label)) return { reason: "otherLabel", keyId: key.id, label: box.label };
    return { keyId: key.id, value: box.value };
  }
  return { reason: "noKey", bytes };
}
