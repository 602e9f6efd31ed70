import type { Problem } from "../../model/failure.ts";
import { readEnvelope } from "../ciphertext/hybrid.ts";
import { labelHash, wrappedLabelHash } from "../ciphertext/oaep.ts";
import type { OpeningKey } from "../keys/key-ring.ts";
import { describeLabel } from "../sealed-secret/scope.ts";
import { fittingKeys, type SealedValue } from "./open-value.ts";
import type { UnsealCache } from "./unseal-cache.ts";
import {
  describePublicRefusal,
  type ExplainRefusal,
  isPublicRefusal,
  keyNote,
  listKeyIds,
  restoreOrSeal,
} from "./unseal-refusal.ts";

/**
 * Explains to a key holder why a value did not open: which key fits, and for which of these labels it was sealed. For the
 * command line, never for the agent: to anybody else it would be a padding oracle (see `describeWithoutKeys`).
 */
export function explainToKeyHolder(cache: UnsealCache, labels: () => readonly string[]): ExplainRefusal {
  let hashes: ReadonlyMap<string, string> | undefined;
  const labelOfHash = (hash: string) => {
    hashes ??= new Map(labels().map((label) => [labelHash(label), label]));
    return hashes.get(hash);
  };
  return async (sealed, refusal, keys) => {
    if (isPublicRefusal(refusal)) return describePublicRefusal(sealed, refusal, keys);
    if (refusal.reason === "otherLabel") return sealedForAnother(refusal.label, sealed.label);
    if (refusal.reason === "altered") {
      return {
        message: `is damaged: the key ${refusal.keyId} fits, but the content was altered or cut off`,
        hint: "copy all of it again, or seal it again",
      };
    }
    return sealed.algorithm === "x25519"
      ? unknownKey(sealed, keys)
      : await investigate(sealed, refusal.bytes, { keys, cache, labelOfHash });
  };
}

interface Evidence {
  readonly keys: readonly OpeningKey[];
  readonly cache: UnsealCache;
  readonly labelOfHash: (hash: string) => string | undefined;
}

/** Finds the key it was sealed with, and the label, trying one key at a time; yields to the event loop in between. */
async function investigate(sealed: SealedValue, bytes: Uint8Array, evidence: Evidence): Promise<Problem> {
  const envelope = readEnvelope(bytes);
  const fitting = envelope === undefined ? [] : fittingKeys(envelope, evidence.keys, evidence.cache);
  if (envelope === undefined) return unknownKey(sealed, evidence.keys);
  for (const key of fitting) {
    await new Promise(setImmediate);
    const hash = wrappedLabelHash(envelope.wrappedKey, key.privateKeyPem);
    if (hash === undefined) continue;
    const label = evidence.labelOfHash(hash);
    return label === undefined ? sealedElsewhere(key.id, sealed.label) : sealedForAnother(label, sealed.label);
  }
  return unknownKey(sealed, fitting);
}

function sealedForAnother(label: string, own: string): Problem {
  return {
    message: `is sealed for ${describeLabel(label)}, but this object is ${describeLabel(own)}`,
    hint: "a sealed value cannot be moved: seal it again for this object, or fix the namespace, name or scope annotation",
  };
}

function sealedElsewhere(keyId: string, own: string): Problem {
  return {
    message: `is sealed with the key ${keyId}, which is here, but for another namespace, name or scope than ${describeLabel(own)}`,
    hint: "seal it again for this object",
  };
}

function unknownKey(sealed: SealedValue, tried: readonly OpeningKey[]): Problem {
  const message = `cannot be opened by any key that is here${keyNote(sealed)}; tried ${listKeyIds(tried)}`;
  return { message, hint: restoreOrSeal };
}
