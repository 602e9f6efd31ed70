import { newMap, putMember, type ValueMap } from "../value/value.ts";
import { isWrittenPlain, noteQuoted } from "../yaml/index.ts";

/** Text where the bytes are UTF-8; otherwise undefined. */
function asText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** How many characters of base64 stand on a line where one is not enough. */
const lineLength = 70;

/** Base64 as kustomize writes it: in lines of 70, each ended, where there is more than one line. */
export function base64Lines(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
  if (text.length < lineLength) return text;
  return (text.match(/.{1,70}/g) ?? []).map((line) => `${line}\n`).join("");
}

/** Sets a text, in quotes where it would read as something else without. */
export function setText(map: ValueMap, key: string, text: string): void {
  putMember(map, key, text);
  if (!isWrittenPlain(text)) noteQuoted(map, key);
}

/** Puts pairs into `data` of a ConfigMap, or `binaryData` where they are not text. */
export function setConfigMapData(object: ValueMap, pairs: ReadonlyMap<string, Uint8Array>): void {
  for (const [key, bytes] of pairs) {
    const text = asText(bytes);
    const field = text === undefined ? "binaryData" : "data";
    const map = object[field];
    const target = typeof map === "object" && map !== null && !Array.isArray(map) ? map : newMap();
    object[field] = target;
    setText(target, key, text ?? base64Lines(bytes));
  }
}

/** Puts pairs into `data` of a Secret. */
export function setSecretData(object: ValueMap, pairs: ReadonlyMap<string, Uint8Array>): void {
  const data = newMap();
  for (const [key, bytes] of pairs) setText(data, key, base64Lines(bytes));
  object.data = data;
}
