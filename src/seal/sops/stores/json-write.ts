import { Branch, Comment, type Leaf, List, Timestamp, type Value } from "../tree.ts";

/** A document as SOPS writes JSON, byte for byte (`EmitPlainFile` in `stores/json/store.go`): tabs, and Go's escapes. */
export function writeJson(branch: Branch): string {
  return `${written(branch, "")}\n`;
}

function written(value: Value, indent: string): string {
  const within = `${indent}\t`;
  if (value instanceof Branch) {
    const members = value.items.flatMap((item) =>
      item instanceof Comment ? [] : [`${within}${quoted(item.key)}: ${written(item.value, within)}`],
    );
    return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
  }
  if (value instanceof List) {
    const items = value.items.filter((item) => !(item instanceof Comment));
    if (items.length === 0) return "[]";
    return `[\n${items.map((item) => within + written(item, within)).join(",\n")}\n${indent}]`;
  }
  return value instanceof Comment ? "null" : leaf(value);
}

function leaf(value: Leaf): string {
  if (typeof value === "string") return quoted(value);
  if (Buffer.isBuffer(value)) return quoted(value.toString());
  if (value instanceof Timestamp) return quoted(value.text);
  return Object.is(value, -0) ? "-0" : String(value);
}

/** As Go's encoding/json: what HTML would read as its own is escaped as well. */
function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
