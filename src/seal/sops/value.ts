import { createDecipheriv } from "node:crypto";
import { decodeBase64 } from "../base64.ts";

/** A decrypted value: what the file says, and the bytes that were encrypted, which the MAC is over. */
export interface SopsValue {
  readonly value: string | number | bigint | boolean;
  readonly bytes: Buffer;
}

/** No part can hold what ends it, so that nothing is tried twice. */
const form = /^ENC\[AES256_GCM,data:([^,\n]+),iv:([^,\n]+),tag:([^,\n]+),type:([^,\]\n]+)\]/;

/** Tells whether a text is an encrypted value. */
export function looksEncrypted(text: string): boolean {
  return form.test(text);
}

/**
 * Decrypts a value (`aes/cipher.go` of getsops/sops): AES-256-GCM with a nonce of its own length, bound to the keys on
 * the way to it. An empty string is never encrypted. Undefined where it is malformed, altered, or moved to another place.
 */
export function decryptValue(text: string, key: Uint8Array, context: string): SopsValue | undefined {
  if (text === "") return { value: "", bytes: Buffer.alloc(0) };
  const [, data, iv, tag, type = ""] = form.exec(text) ?? [];
  const parts = [data, iv, tag].map((part) => (part === undefined ? undefined : decodeBase64(part)));
  const [cipherText, nonce, authTag] = parts;
  if (cipherText === undefined || nonce === undefined || authTag === undefined) return undefined;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
    decipher.setAuthTag(authTag);
    decipher.setAAD(Buffer.from(context));
    return typed(Buffer.concat([decipher.update(cipherText), decipher.final()]), type);
  } catch {
    return undefined;
  }
}

function typed(bytes: Buffer, type: string): SopsValue | undefined {
  const text = bytes.toString();
  switch (type) {
    case "str":
    case "bytes":
    case "time":
    case "comment":
      return { value: text, bytes };
    case "int":
      return { value: BigInt(text), bytes };
    case "float":
      return { value: Number(text), bytes };
    case "bool":
      return { value: text === "True" || text === "true", bytes };
    default:
      return undefined;
  }
}
