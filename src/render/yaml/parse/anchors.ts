import { newMap } from "../new-map.ts";
import { type Cursor, invalid } from "../scan/cursor.ts";
import type { Properties } from "../scan/properties.ts";
import { copyStyles } from "../style/scalar-style.ts";
import type { YamlValue } from "../value.ts";

/** How many characters aliases may multiply a document by: as many as the largest file has. */
const maxCopied = 32 * 1024 * 1024;

/** What a value costs beside its text. */
const valueCost = 64;

/** Remembers a value under the anchor in front of it. */
export function setAnchor(cursor: Cursor, properties: Properties, value: YamlValue): YamlValue {
  const { written, quoted, folded } = cursor;
  if (properties.anchor !== undefined) cursor.anchors.set(properties.anchor, { value, written, quoted, folded });
  return value;
}

/** Notes that the value of an anchor is being read, so that an alias inside it is known for a loop. */
export function openAnchor(cursor: Cursor, properties: Properties): void {
  if (properties.anchor !== undefined) cursor.anchors.set(properties.anchor, undefined);
}

/** A copy of what an alias stands for; a scalar counts as written there as it is behind its anchor. */
export function aliased(cursor: Cursor, name: string, at: number): YamlValue {
  const found = cursor.anchors.get(name);
  if (found !== undefined) {
    cursor.written = found.written;
    cursor.quoted = found.quoted;
    cursor.folded = found.folded;
    return copy(cursor, found.value, at);
  }
  const known = cursor.anchors.has(name);
  const message = known ? `the anchor &${name} contains itself` : `the alias *${name} has no anchor &${name} before it`;
  throw invalid(cursor, at, {
    message,
    hint: known ? "leave the alias out" : `quote "*${name}" if it is meant as text`,
  });
}

/** Adds to what has been multiplied; throws `Failure` (YamlInvalid) where it is more than any honest file comes to. */
export function spend(cursor: Cursor, values: number, at: number): void {
  cursor.copied += values * valueCost;
  if (cursor.copied <= maxCopied) return;
  const message = "the aliases expand this document beyond the limit";
  throw invalid(cursor, at, { message, hint: "write out what is meant" });
}

function copy(cursor: Cursor, value: YamlValue, at: number): YamlValue {
  if (typeof value === "string") cursor.copied += value.length;
  spend(cursor, 1, at);
  if (typeof value !== "object" || value === null) return value;
  const copied = Array.isArray(value) ? value.map((item) => copy(cursor, item, at)) : newMap();
  if (!Array.isArray(copied) && !Array.isArray(value)) {
    for (const key in value) copied[key] = copy(cursor, value[key] ?? null, at);
  }
  copyStyles(copied, value);
  return copied;
}
