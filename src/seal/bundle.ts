import type { SealingKey } from "./key-ring.ts";
import { boxKeyOf, boxKeyPem } from "./sealed-box.ts";

/**
 * What sealing with a key takes, as `mooring cert` prints it and `/v1/cert.pem` serves it: the certificate, then the
 * X25519 public key that belongs to it. kubeseal reads the certificate and passes over the rest.
 */
export async function certificateBundle(key: SealingKey): Promise<string> {
  const { publicKey } = await boxKeyOf(key.privateKeyPem);
  return `${key.certificatePem.trimEnd()}\n${boxKeyPem(publicKey)}`;
}
