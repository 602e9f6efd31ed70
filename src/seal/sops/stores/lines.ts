import { general } from "../go-float.ts";
import { type Leaf, Timestamp } from "../tree.ts";

/** Go's `TrimSpace` over bytes: the white space of Unicode, as UTF-8 spells it. */
const space =
  "(?:[\\t\\n\\v\\f\\r ]|\\xc2[\\x85\\xa0]|\\xe1\\x9a\\x80|\\xe2\\x80[\\x80-\\x8a\\xa8\\xa9\\xaf]|\\xe2\\x81\\x9f|\\xe3\\x80\\x80)";
const leading = new RegExp(`^${space}+`);
const lastSpace = new RegExp(`${space}$`);

/** Without the white space at its beginning. */
export function trimStart(text: string): string {
  return text.replace(leading, "");
}

/** Without the white space at both ends. */
export function trim(text: string): string {
  let end = text;
  // One at a time: a pattern for all of them would be tried at every place.
  for (let found = lastSpace.exec(end.slice(-3)); found !== null; found = lastSpace.exec(end.slice(-3))) {
    end = end.slice(0, -found[0].length);
  }
  return trimStart(end);
}

/** A value as a line of text holds it (`ValToString` in `stores/stores.go` of getsops/sops). */
export function lineText(value: Leaf): string {
  if (typeof value === "string") return value;
  if (Buffer.isBuffer(value)) return value.toString("latin1");
  if (value instanceof Timestamp) return value.text.replace(/\.\d+/, "");
  if (typeof value === "number") {
    const text = general(value).toUpperCase();
    return /[.E]/.test(text) || !Number.isFinite(value) ? text : `${text}.0`;
  }
  return value === null ? "<nil>" : String(value);
}
