import { createDecipheriv } from "node:crypto";
import { decodeBase64 } from "../../../model/text/base64.ts";
import { Comment, type Encoding, type Leaf, Timestamp, textOf } from "../tree.ts";

/** No part can hold what ends it, so that nothing is tried twice. */
const form = /^ENC\[AES256_GCM,data:([^,\n]+),iv:([^,\n]+),tag:([^,\n]+),type:([^,\]\n]+)\]/;

/** Tells whether a text is an encrypted value. */
export function looksEncrypted(text: string): boolean {
  return form.test(text);
}

/** How every encrypted value begins. */
export const encryptedMark = "ENC[AES256_GCM,";

/** What a value is bound to: the keys on the way to it, with colons, one behind the last; positions in lists do not count. */
export function contextOf(path: readonly string[]): string {
  return `${path.join(":")}:`;
}

/**
 * Decrypts a value (`aes/cipher.go` of getsops/sops): AES-256-GCM with a nonce of its own length, bound to the keys on
 * the way to it. An empty string is never encrypted. Undefined where it is malformed, altered, or moved to another place.
 */
export function decryptValue(
  text: string,
  {
    key,
    context,
    encoding = "utf8",
  }: { readonly key: Uint8Array; readonly context: string; readonly encoding?: Encoding },
): Exclude<Leaf, null> | Comment | undefined {
  if (text === "") return "";
  const [, data, iv, tag, type = ""] = form.exec(text) ?? [];
  const [cipherText, nonce, authTag] = [data, iv, tag].map((part) =>
    part === undefined ? undefined : decodeBase64(part),
  );
  if (cipherText === undefined || nonce === undefined || authTag === undefined) return undefined;
  try {
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 });
    decipher.setAuthTag(authTag);
    decipher.setAAD(Buffer.from(context, encoding));
    return typed(Buffer.concat([decipher.update(cipherText), decipher.final()]), type, encoding);
  } catch {
    return undefined;
  }
}

const words: Readonly<Record<string, boolean | undefined>> = Object.assign(Object.create(null), {
  ...Object.fromEntries(["1", "t", "T", "true", "TRUE", "True"].map((word) => [word, true])),
  ...Object.fromEntries(["0", "f", "F", "false", "FALSE", "False"].map((word) => [word, false])),
});

function typed(bytes: Buffer, type: string, encoding: Encoding): Exclude<Leaf, null> | Comment | undefined {
  const text = bytes.toString();
  switch (type) {
    case "str":
    case "bytes":
      return textOf(bytes, encoding);
    case "comment":
      return new Comment(bytes.toString(encoding), false);
    case "time":
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[-+]\d\d:\d\d)$/.test(text)
        ? new Timestamp(text)
        : undefined;
    case "int":
      return /^[-+]?\d{1,19}$/.test(text) && isInt64(BigInt(text)) ? BigInt(text) : undefined;
    case "float":
      return floatOf(text);
    case "bool":
      return words[text];
    default:
      return undefined;
  }
}

/** Tells whether Go's `int` can hold it. */
export function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

function floatOf(text: string): number | undefined {
  if (/^[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?$/.test(text)) return Number(text);
  if (/^[-+]Inf$/.test(text)) return text === "-Inf" ? -Infinity : Infinity;
  return text === "NaN" ? Number.NaN : undefined;
}
