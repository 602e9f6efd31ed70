import { plainTag } from "../../resolve/plain-tag.ts";
import { listTag, mapTag, ownTag, type YamlNode } from "../node.ts";

/** A tag as it is to be written; empty where it goes without saying. */
export interface Shown {
  readonly tag: string;
  readonly forceQuotes: boolean;
}

/** A tag is left out where the text says the same without; a text that would be taken for something else stands in quotes. */
export function shownTag({ kind, tag, tagged, style, value }: YamlNode): Shown {
  if (tag === "" || tagged) return { tag, forceQuotes: false };
  if (kind !== "scalar") {
    const own = kind === "map" ? mapTag : listTag;
    return { tag: tag === own ? "" : tag, forceQuotes: false };
  }
  if (tag === "!!str" && style !== "plain") return { tag: "", forceQuotes: false };
  // go-yaml knows the merge key when it reads, and not when it writes.
  if (value !== "<<" && ownTag(plainTag(value)) === tag) return { tag: "", forceQuotes: false };
  return tag === "!!str" ? { tag: "", forceQuotes: true } : { tag, forceQuotes: false };
}

/** Whether a key is written before its colon alone: on one line, and in at most 128 bytes. */
export function isSimpleKey(key: YamlNode): boolean {
  if (key.kind === "alias") return key.value.length <= 128;
  if (key.kind !== "scalar") return key.content.length === 0;
  if (/[\n\r\u0085\u2028\u2029]/.test(key.value)) return false;
  return Buffer.byteLength(key.anchor + shownTag(key).tag + key.value) <= 128;
}
