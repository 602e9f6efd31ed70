import type { Problem } from "../model/failure.ts";
import { readEnvelope } from "./hybrid.ts";
import type { OpeningKey } from "./key-ring.ts";
import { labelHash, wrappedLabelHash } from "./oaep.ts";
import { fittingKeys, type Refusal, type SealedValue } from "./open-value.ts";
import { describeLabel } from "./scope.ts";
import type { UnsealCache } from "./unseal-cache.ts";

/** What is at hand to find out why a value does not open. */
export interface Evidence {
  readonly keys: readonly OpeningKey[];
  readonly cache: UnsealCache;
  /** Labels that it may have been sealed for, by mistake or before it was moved. */
  readonly labels: readonly string[];
}

/** Why a value did not open, in words, and what to do; the field is for the caller to add. */
export async function whySealed(sealed: SealedValue, refusal: Refusal, evidence: Evidence): Promise<Problem> {
  switch (refusal.reason) {
    case "notBase64":
      return { message: "is not base64", hint: "the value must be one unbroken piece, as `mooring seal` printed it" };
    case "tooShort":
      return { message: "is too short to be a sealed value", hint: "it was cut off; copy all of it, or seal it again" };
    case "altered":
      return {
        message: `is damaged: the key ${refusal.keyId} fits, but the content was altered or cut off`,
        hint: "copy all of it again, or seal it again",
      };
    case "otherLabel":
      return sealedForAnother(refusal.label, sealed.label);
    case "noKey":
      return sealed.algorithm === "x25519"
        ? unknownKey(sealed, evidence.keys)
        : await investigate(sealed, refusal.bytes, evidence);
  }
}

/** Looks, key by key, for the one it was sealed with, and for the label; leaves the event loop free in between. */
async function investigate(sealed: SealedValue, bytes: Uint8Array, evidence: Evidence): Promise<Problem> {
  const envelope = readEnvelope(bytes);
  const fitting = envelope === undefined ? [] : fittingKeys(envelope, evidence.keys, evidence.cache);
  if (envelope === undefined || evidence.keys.length === 0) return unknownKey(sealed, evidence.keys);
  if (fitting.length === 0) return otherSize(envelope.wrappedKey.length * 8, evidence.keys);
  for (const key of fitting) {
    await new Promise(setImmediate);
    const hash = wrappedLabelHash(envelope.wrappedKey, key.privateKeyPem);
    if (hash === undefined) continue;
    const label = evidence.labels.find((candidate) => labelHash(candidate) === hash);
    return label === undefined ? sealedElsewhere(key.id, sealed.label) : sealedForAnother(label, sealed.label);
  }
  return unknownKey(sealed, fitting);
}

function sealedForAnother(label: string, own: string): Problem {
  return {
    message: `is sealed for ${describeLabel(label)}, but this object is ${describeLabel(own)}`,
    hint: "a sealed value cannot be moved: seal it again for this object, or mend the namespace, name or scope annotation",
  };
}

function sealedElsewhere(keyId: string, own: string): Problem {
  return {
    message: `is sealed with the key ${keyId}, which is here, but for another namespace, name or scope than ${describeLabel(own)}`,
    hint: "seal it again for this object",
  };
}

function unknownKey(sealed: SealedValue, tried: readonly OpeningKey[]): Problem {
  const recorded = sealed.keyHint === undefined ? "" : `; it was sealed with the key ${sealed.keyHint}`;
  const hint = "seal it with this cluster's certificate (`mooring cert`), or restore the key it was sealed with";
  if (tried.length === 0) return { message: `cannot be opened: there is no sealing key at all${recorded}`, hint };
  return { message: `cannot be opened by any key that is here${recorded}; tried ${listed(tried)}`, hint };
}

function otherSize(bits: number, keys: readonly OpeningKey[]): Problem {
  return {
    message: `is damaged, or sealed with an RSA key of ${bits} bits, which none of the keys here has; there are ${listed(keys)}`,
    hint: "seal it with this cluster's certificate (`mooring cert`)",
  };
}

function listed(keys: readonly OpeningKey[]): string {
  const shown = keys.slice(0, 3).map((key) => key.id);
  const more = keys.length - shown.length;
  return more === 0 ? shown.join(", ") : `${shown.join(", ")} and ${more} older ones`;
}
