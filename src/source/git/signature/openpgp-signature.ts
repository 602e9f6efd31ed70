import type { Signed, SignedPart } from "./signed-object.ts";

function unreadable(cause: unknown): Signed {
  return { verdict: "unreadable", cause };
}

/**
 * Judges an armored OpenPGP signature against armored public keys. A key must have been valid when it signed: neither
 * expired nor revoked. SHA-1 and older hashes count for nothing.
 */
export async function verifyOpenpgpSignature(part: SignedPart, armoredKeys: readonly string[]): Promise<Signed> {
  const openpgp = await import("openpgp");
  const keys = (await Promise.all(armoredKeys.map((armored) => openpgp.readKeys({ armoredKeys: armored })))).flat();
  const signature = await openpgp.readSignature({ armoredSignature: part.signature }).catch(unreadable);
  if ("verdict" in signature) return signature;
  const [packet, ...more] = signature.packets;
  if (packet === undefined || more.length > 0) return unreadable(undefined);
  const by = packet.issuerKeyID.toHex().toUpperCase();
  const signer = keys.find((key) => key.getKeys(packet.issuerKeyID).length > 0);
  if (signer === undefined) return { verdict: "unknown", by };
  const message = await openpgp.createMessage({ binary: part.payload });
  const result = await openpgp.verify({ message, signature, verificationKeys: keys, format: "binary" });
  const outcomes = await Promise.allSettled(result.signatures.map(({ verified }) => verified));
  if (outcomes.length === 1 && outcomes[0]?.status === "fulfilled") {
    return { verdict: "good", by: `${signer.getUserIDs()[0] ?? ""} (${signer.getFingerprint().toUpperCase()})` };
  }
  const reason = outcomes[0]?.status === "rejected" ? String(outcomes[0].reason) : "";
  return /expired|revoked|not valid/i.test(reason) ? { verdict: "outdated", by } : { verdict: "broken" };
}
