import { constants, createHash, privateDecrypt } from "node:crypto";

const hashLength = 32;

/**
 * The hash of the label a session key was wrapped with, where this private key is the one it was wrapped for; undefined
 * for any other key. WebCrypto only says that a key or a label is wrong; taking the padding off by hand (RFC 8017,
 * 7.1.2) costs one RSA operation per key and tells which, for any number of labels. For messages only: nothing is opened.
 */
export function wrappedLabelHash(wrappedKey: Uint8Array, privateKeyPem: string): string | undefined {
  const block = rawDecrypt(wrappedKey, privateKeyPem);
  if (block === undefined || block[0] !== 0) return undefined;
  const maskedSeed = block.subarray(1, 1 + hashLength);
  const maskedData = block.subarray(1 + hashLength);
  const seed = xor(maskedSeed, mask(maskedData, hashLength));
  const data = xor(maskedData, mask(seed, maskedData.length));
  const one = data.indexOf(1, hashLength);
  const padded = one >= 0 && data.subarray(hashLength, one).every((byte) => byte === 0);
  return padded ? data.subarray(0, hashLength).toString("hex") : undefined;
}

/** The hash under which a label is wrapped. */
export function labelHash(label: string): string {
  return createHash("sha256").update(label).digest("hex");
}

/** Undefined where the bytes are no number that this key could have made. */
function rawDecrypt(bytes: Uint8Array, privateKeyPem: string): Buffer | undefined {
  try {
    return privateDecrypt({ key: privateKeyPem, padding: constants.RSA_NO_PADDING }, bytes);
  } catch {
    return undefined;
  }
}

/** MGF1 with SHA-256. */
function mask(seed: Uint8Array, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let counter = 0; counter * hashLength < length; counter++) {
    const index = Buffer.alloc(4);
    index.writeUInt32BE(counter);
    blocks.push(createHash("sha256").update(seed).update(index).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}

function xor(a: Uint8Array, b: Uint8Array): Buffer {
  return Buffer.from(a.map((byte, index) => byte ^ (b[index] ?? 0)));
}
