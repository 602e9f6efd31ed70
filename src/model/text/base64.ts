const alphabet = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The bytes of standard base64 with padding; undefined where the text is anything else. Line breaks are ignored, as
 * Go's `base64.StdEncoding` does; `Buffer.from` alone would take any text and drop what it does not know.
 */
export function decodeBase64(text: string): Buffer | undefined {
  const bare = text.replace(/[\r\n]/g, "");
  return alphabet.test(bare) ? Buffer.from(bare, "base64") : undefined;
}

/** Standard base64 with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64");
}
