import type { Problem } from "../../model/failure.ts";
import type { OpeningKey } from "../keys/key-ring.ts";
import { describeLabel } from "../sealed-secret/scope.ts";
import type { PublicRefusal, Refusal, SealedValue } from "./open-value.ts";

/** Describes why a value did not open, and what to do about it; the caller adds the field. */
export type ExplainRefusal = (sealed: SealedValue, refusal: Refusal, keys: readonly OpeningKey[]) => Promise<Problem>;

/**
 * The description for somebody who may not hold the keys: what the certificates alone can tell, and one sentence for
 * everything else. A tenant chooses what is tried. If the answer depended on whether a key fits or a padding is right, it could be
 * used as an oracle to decrypt what is sealed for others (Manger 2001). What the seal annotation says is its author's own text.
 */
export const describeWithoutKeys: ExplainRefusal = async (sealed, refusal, keys) =>
  isPublicRefusal(refusal) ? describePublicRefusal(sealed, refusal, keys) : unopenable(sealed, keys);

/** Tells whether a refusal was found without any private key. */
export function isPublicRefusal(refusal: Refusal): refusal is PublicRefusal {
  return ["notBase64", "tooShort", "noKeys", "otherSize"].includes(refusal.reason);
}

/** Describes a refusal that anybody with the certificates can find. */
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
  const hint = "with the keys, `mooring validate` shows which; `mooring secrets verify` checks the seal annotation";
  return { message: message + asRecorded(sealed, keys), hint };
}

function asRecorded({ recorded }: SealedValue, keys: readonly OpeningKey[]): string {
  if (recorded === undefined) return "";
  const here = keys.some(({ id }) => id === recorded.key) ? "is here" : "is not here";
  return `; by its seal annotation it was sealed for ${describeLabel(recorded.label)} with the key ${recorded.key}, which ${here}`;
}

/** What to do where a key is missing. */
export const restoreOrSeal =
  "seal it with this cluster's certificate (`mooring cert`), or restore the key it was sealed with";

/** The key it was sealed with, where the seal annotation has it. */
export function keyNote({ recorded }: SealedValue): string {
  return recorded === undefined ? "" : `; it was sealed with the key ${recorded.key}`;
}

/** The ids of the first three keys, and how many more there are. */
export function listKeyIds(keys: readonly OpeningKey[]): string {
  const shown = keys.slice(0, 3).map((key) => key.id);
  const more = keys.length - shown.length;
  return more === 0 ? shown.join(", ") : `${shown.join(", ")} and ${more} older ones`;
}
