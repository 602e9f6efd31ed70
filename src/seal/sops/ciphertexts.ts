import { encryptedMark, looksEncrypted } from "./encryption/value.ts";
import { Branch, Comment, List, type Value } from "./tree.ts";

/** Every encrypted value and comment. */
export function findCiphertexts(value: Value): readonly string[] {
  if (value instanceof Branch) {
    return value.items.flatMap((item) => findCiphertexts(item instanceof Comment ? item : item.value));
  }
  if (value instanceof List) return value.items.flatMap(findCiphertexts);
  if (value instanceof Comment) return value.text.trimStart().startsWith(encryptedMark) ? [value.text] : [];
  return typeof value === "string" && looksEncrypted(value) ? [value] : [];
}
