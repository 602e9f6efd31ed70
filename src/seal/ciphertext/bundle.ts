import type { SealingCertificate } from "../keys/certificate.ts";
import type { OpeningKeys, SealingKey } from "../keys/key-ring.ts";
import { boxKeyOf, boxKeyPem } from "./sealed-box.ts";

/**
 * What sealing with a key takes, as `mooring cert` prints it and `/v1/cert.pem` serves it: the certificate, then the
 * X25519 public key that belongs to it. kubeseal reads the certificate and passes over the rest.
 */
export async function certificateBundle(key: SealingKey): Promise<string> {
  const { publicKey } = await boxKeyOf(key.privateKeyPem);
  return `${key.certificatePem.trimEnd()}\n${boxKeyPem(publicKey)}`;
}

/** Tells whether one of the keys opens all that a certificate, and the X25519 key beside it, would seal. */
export async function opensAll({ keys }: OpeningKeys, { id, boxKey }: SealingCertificate): Promise<boolean> {
  const key = keys.find((each) => each.id === id);
  if (key === undefined || boxKey === undefined) return key !== undefined;
  return Buffer.compare((await boxKeyOf(key.privateKeyPem)).publicKey, boxKey) === 0;
}
