import type { Problem } from "../../model/failure.ts";
import type { OpeningKey } from "../keys/key-ring.ts";
import { describeLabel } from "../sealed-secret/scope.ts";
import type { PublicRefusal, Refusal, SealedValue } from "./open-value.ts";

/** Says why a value did not open, and what to do; the field is for the caller to add. */
export type ExplainRefusal = (sealed: SealedValue, refusal: Refusal, keys: readonly OpeningKey[]) => Promise<Problem>;

/**
 * What is said to somebody who may not hold the keys: what could be found out without them, and else one sentence for
 * whatever it was. A stranger decides what is tried; an answer that told whether a key fits, or whether a padding was right,
 * would open, answer by answer, what is sealed for others (Manger 2001). What the record says is its author's own text.
 */
export const describeWithoutKeys: ExplainRefusal = async (sealed, refusal, keys) =>
  isPublicRefusal(refusal) ? describePublicRefusal(sealed, refusal, keys) : unopenable(sealed, keys);

/** Tells whether no private key was needed to find that out. */
export function isPublicRefusal(refusal: Refusal): refusal is PublicRefusal {
  return ["notBase64", "tooShort", "noKeys", "otherSize"].includes(refusal.reason);
}

/** What is wrong as anybody can see. */
export function describePublicRefusal(
  sealed: SealedValue,
  refusal: PublicRefusal,
  keys: readonly OpeningKey[],
): Problem {
  switch (refusal.reason) {
    case "notBase64":
      return { message: "is not base64", hint: "the value must be one unbroken piece, as `mooring seal` printed it" };
    case "tooShort":
      return { message: "is too short to be a sealed value", hint: "it was cut off; copy all of it, or seal it again" };
    case "noKeys":
      return { message: `cannot be opened: there is no sealing key at all${keyNote(sealed)}`, hint: restoreOrSeal };
    case "otherSize":
      return {
        message: `is damaged, or sealed with an RSA key of ${refusal.bits} bits, which none of the keys here has; there are ${listKeyIds(keys)}`,
        hint: "seal it with this cluster's certificate (`mooring cert`)",
      };
  }
}

function unopenable(sealed: SealedValue, keys: readonly OpeningKey[]): Problem {
  const message = `does not open as ${describeLabel(sealed.label)}: it is sealed with another key, for another place, or is damaged`;
  const hint =
    "`mooring validate` says which, to who holds the keys; `mooring secrets verify` says what the record tells";
  return { message: message + asRecorded(sealed, keys), hint };
}

function asRecorded({ recorded }: SealedValue, keys: readonly OpeningKey[]): string {
  if (recorded === undefined) return "";
  const here = keys.some(({ id }) => id === recorded.key) ? "is here" : "is not here";
  return `; by its record it was sealed for ${describeLabel(recorded.label)} with the key ${recorded.key}, which ${here}`;
}

/** What to do where a key is missing. */
export const restoreOrSeal =
  "seal it with this cluster's certificate (`mooring cert`), or restore the key it was sealed with";

/** The key it was sealed with, where that is recorded. */
export function keyNote({ recorded }: SealedValue): string {
  return recorded === undefined ? "" : `; it was sealed with the key ${recorded.key}`;
}

/** The first keys by name. */
export function listKeyIds(keys: readonly OpeningKey[]): string {
  const shown = keys.slice(0, 3).map((key) => key.id);
  const more = keys.length - shown.length;
  return more === 0 ? shown.join(", ") : `${shown.join(", ")} and ${more} older ones`;
}
