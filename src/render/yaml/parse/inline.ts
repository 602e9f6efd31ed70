import { ch } from "../scan/chars.ts";
import { type Cursor, excerpt } from "../scan/cursor.ts";
import { scanPlain, startsPlain } from "../scan/plain-scalar.ts";
import { type Properties, scanAnchor } from "../scan/properties.ts";
import { scanQuoted } from "../scan/quoted-scalar.ts";
import type { YamlValue } from "../value.ts";
import { aliased, setAnchor } from "./anchors.ts";
import { unexpected } from "./block-problems.ts";
import { parseFlow } from "./flow.ts";
import { type Key, keyOf, mergeKey, notAString } from "./members.ts";

/** A node on one line, as it was read: what a scalar means is not known before it is known whether it is a key. */
export type Inline = { readonly text: string; readonly plain: boolean } | { readonly value: YamlValue };

/** Reads the node at the cursor, which is no list and no map of a block. */
export function scanInline(cursor: Cursor, indent: number): Inline {
  const { text, at } = cursor;
  const code = text.charCodeAt(at);
  if (code === ch.doubleQuote || code === ch.singleQuote) return { text: scanQuoted(cursor), plain: false };
  if (startsPlain(text, at, false)) return { text: scanPlain(cursor, indent, false), plain: true };
  if (code === ch.asterisk) return { value: aliased(cursor, scanAnchor(cursor), at) };
  if (code !== ch.openBracket && code !== ch.openBrace) throw unexpected(cursor);
  const value = parseFlow(cursor, indent);
  cursor.keyAllowed = false;
  return { value };
}

/** The key that a node is. */
export function inlineKey(cursor: Cursor, node: Inline, own: Properties): Key {
  if ("text" in node) {
    const key = keyOf(cursor, { ...node, tag: own.tag, at: own.at });
    if (key !== mergeKey) setAnchor(cursor, own, key);
    return key;
  }
  if (typeof node.value === "string") return node.value;
  throw notAString(cursor, own.at, excerpt(cursor, own.at));
}
