import { newMap } from "../new-map.ts";
import { mayBeWord, resolvePlain, resolveScalar } from "../resolve/resolve.ts";
import { scanBlockScalar } from "../scan/block-scalar.ts";
import { ch, isBlankOrEnd } from "../scan/chars.ts";
import { atDocumentMarker, type Cursor, columnOf, enter, excerpt, leave, skipToToken } from "../scan/cursor.ts";
import { endOfSimpleKey, scanSimple } from "../scan/fast-path.ts";
import { bare, type Properties, scanProperties } from "../scan/properties.ts";
import type { YamlMap, YamlValue } from "../value.ts";
import { openAnchor, setAnchor } from "./anchors.ts";
import { misindented, misplaced, misplacedColon, noColon, trailing } from "./block-problems.ts";
import { type Inline, inlineKey, scanInline } from "./inline.ts";
import { addItem, addMember, isPlainMember, type Key, keyOf, type Members, mergedMap, notAString } from "./members.ts";

/**
 * Reads the node at the cursor, inside a block of `indent`, and moves on to the token behind it. `listAtIndent` says that
 * a list may stand at that very indentation, as it may under a key.
 * Source: go.yaml.in/yaml/v3 parserc.go `yaml_parser_parse_node`; scannerc.go for indentation and simple keys.
 */
export function parseBlockNode(cursor: Cursor, indent: number, listAtIndent: boolean): YamlValue {
  const { text, at } = cursor;
  const code = text.charCodeAt(at);
  if (code === ch.minus && isBlankOrEnd(text.charCodeAt(at + 1))) return parseList(cursor, indent);
  if (code !== ch.ampersand && code !== ch.exclamation) return parseContent(cursor, indent, bare(at), undefined);
  return parseWithProperties(cursor, { indent, listAtIndent }, undefined);
}

/** Whether a node of a block stands at the cursor, after a line break. */
function hasContent(cursor: Cursor, indent: number, listAtIndent: boolean): boolean {
  const column = columnOf(cursor);
  if (column < indent || cursor.text.charCodeAt(cursor.at) === ch.end || atDocumentMarker(cursor)) return false;
  if (column > indent) return true;
  const code = cursor.text.charCodeAt(cursor.at);
  return code === ch.pipe || code === ch.greater || (listAtIndent && isIndicator(cursor, ch.minus));
}

/** Whether a dash, `?` or colon stands at the cursor that is followed by white space. */
const isIndicator = (cursor: Cursor, code: number): boolean =>
  cursor.text.charCodeAt(cursor.at) === code && isBlankOrEnd(cursor.text.charCodeAt(cursor.at + 1));

/** Reads a node with an anchor or a tag; `outer` are those of the lines above, which belong to the whole node. */
function parseWithProperties(
  cursor: Cursor,
  place: { readonly indent: number; readonly listAtIndent: boolean },
  outer: Properties | undefined,
): YamlValue {
  const { lineStart, keyAllowed } = cursor;
  const own = scanProperties(cursor);
  const whole = { at: own.at, anchor: own.anchor ?? outer?.anchor, tag: own.tag ?? outer?.tag };
  openAnchor(cursor, whole);
  if (cursor.lineStart === lineStart && cursor.text.charCodeAt(cursor.at) !== ch.end) {
    // On this line the properties may turn out to be those of a key.
    if (isIndicator(cursor, ch.minus)) throw misplaced(cursor);
    cursor.keyAllowed = keyAllowed;
    return parseContent(cursor, place.indent, own, outer);
  }
  if (!hasContent(cursor, place.indent, place.listAtIndent)) {
    return setAnchor(cursor, whole, resolveScalar(cursor, { text: "", plain: true, tag: whole.tag, at: own.at }));
  }
  const code = cursor.text.charCodeAt(cursor.at);
  if (code === ch.ampersand || code === ch.exclamation) return parseWithProperties(cursor, place, whole);
  if (isIndicator(cursor, ch.minus)) return setAnchor(cursor, whole, parseList(cursor, place.indent));
  return parseContent(cursor, place.indent, bare(cursor.at), whole);
}

/**
 * Reads what is not a list: a scalar, an alias, brackets, or a map that begins with one of them as a key. `own` are the
 * properties on the same line, `outer` those of the lines above.
 */
function parseContent(cursor: Cursor, indent: number, own: Properties, outer: Properties | undefined): YamlValue {
  const { text, at, lineStart, keyAllowed } = cursor;
  const code = text.charCodeAt(at);
  const tag = own.tag ?? outer?.tag;
  if (code === ch.pipe || code === ch.greater) {
    const scanned = scanBlockScalar(cursor, indent);
    const value = resolveScalar(cursor, { text: scanned, plain: false, tag, at });
    cursor.folded = code === ch.greater;
    skipToToken(cursor, false);
    return anchored(cursor, own, outer, value);
  }
  if (isIndicator(cursor, ch.question)) {
    if (!keyAllowed || own.at !== at) throw misplaced(cursor);
    return anchored(cursor, own, outer, parseMap(cursor, at - lineStart, undefined));
  }
  cursor.keyAllowed = false;
  const node = scanInline(cursor, indent);
  skipToToken(cursor, !cursor.keyAllowed);
  if (!cursor.keyAllowed && isIndicator(cursor, ch.colon)) {
    if (!keyAllowed || cursor.lineStart !== lineStart || cursor.at - own.at > 1024) throw misplacedColon(cursor);
    return anchored(cursor, outer, undefined, parseMap(cursor, own.at - lineStart, { node, own }));
  }
  const value = "value" in node ? node.value : resolveScalar(cursor, { ...node, tag, at });
  return anchored(cursor, own, outer, value);
}

function anchored(
  cursor: Cursor,
  own: Properties | undefined,
  outer: Properties | undefined,
  value: YamlValue,
): YamlValue {
  if (own !== undefined) setAnchor(cursor, own, value);
  if (outer !== undefined) setAnchor(cursor, outer, value);
  return value;
}

/** Reads a map whose keys stand at `column`; the cursor is on the colon of the first key, or on a `?` where none is given. */
function parseMap(
  cursor: Cursor,
  column: number,
  first: { readonly node: Inline; readonly own: Properties } | undefined,
): YamlMap {
  enter(cursor);
  const start = first?.own.at ?? cursor.at;
  const members: Members = { map: newMap(), merged: undefined };
  if (first === undefined) parseExplicitMember(cursor, column, members);
  else {
    const key = inlineKey(cursor, first.node, first.own);
    addMember(cursor, members, key, { at: start, value: parseValue(cursor, column) });
  }
  while (continues(cursor, column, "key")) {
    const { at } = cursor;
    if (isIndicator(cursor, ch.question)) {
      parseExplicitMember(cursor, column, members);
      continue;
    }
    const key = parseKey(cursor, column);
    const value = parseValue(cursor, column);
    if (!cursor.emptyValue && isPlainMember(cursor, members, key, value)) members.map[key] = value;
    else addMember(cursor, members, key, { at, value });
  }
  leave(cursor);
  return mergedMap(cursor, members, start);
}

/** Reads the key at the cursor and moves on to its colon. */
function parseKey(cursor: Cursor, column: number): Key {
  const { text, at } = cursor;
  const end = endOfSimpleKey(text, at);
  if (end > at) {
    cursor.at = end;
    const key = text.slice(at, end);
    return mayBeWord(text.charCodeAt(at)) ? keyOf(cursor, { text: key, plain: true, tag: undefined, at }) : key;
  }
  const { lineStart } = cursor;
  const own = scanProperties(cursor);
  if (cursor.lineStart !== lineStart) throw noColon(cursor, at);
  cursor.keyAllowed = false;
  openAnchor(cursor, own);
  const node = scanInline(cursor, column);
  skipToToken(cursor, !cursor.keyAllowed);
  const hasColon = !cursor.keyAllowed && cursor.lineStart === lineStart && isIndicator(cursor, ch.colon);
  if (!hasColon || cursor.at - at > 1024) throw noColon(cursor, at);
  return inlineKey(cursor, node, own);
}

/** Reads the value behind the colon at the cursor. */
function parseValue(cursor: Cursor, column: number): YamlValue {
  cursor.at++;
  cursor.keyAllowed = false;
  cursor.written = undefined;
  if (cursor.text.charCodeAt(cursor.at) === ch.space) cursor.at++;
  const { at } = cursor;
  const simple = scanSimple(cursor, column);
  if (simple !== undefined) return resolvePlain(cursor, simple, at);
  skipToToken(cursor, true);
  if ((cursor.keyAllowed || atEnd(cursor)) && !hasContent(cursor, column, true)) {
    cursor.emptyValue = true;
    return null;
  }
  return parseBlockNode(cursor, column, true);
}

const atEnd = (cursor: Cursor): boolean => cursor.text.charCodeAt(cursor.at) === ch.end;

/** Reads `? key` and the `: value` that may follow on a line of its own. */
function parseExplicitMember(cursor: Cursor, column: number, members: Members): void {
  const { at } = cursor;
  const key = parseIndicated(cursor, column, true);
  if (typeof key !== "string") throw notAString(cursor, at, excerpt(cursor, at + 1));
  const hasValue = cursor.keyAllowed && columnOf(cursor) === column && isIndicator(cursor, ch.colon);
  addMember(cursor, members, key, { at, value: hasValue ? parseIndicated(cursor, column, true) : null });
}

/** Reads the node behind the dash, `?` or lone colon at the cursor, which stands at `column`. */
function parseIndicated(cursor: Cursor, column: number, listAtIndent: boolean): YamlValue {
  const { lineStart } = cursor;
  cursor.at++;
  cursor.keyAllowed = true;
  cursor.written = undefined;
  skipToToken(cursor, false);
  const { at } = cursor;
  const simple = cursor.lineStart === lineStart ? scanSimple(cursor, column) : undefined;
  if (simple !== undefined) return resolvePlain(cursor, simple, at);
  const absent = cursor.lineStart === lineStart ? atEnd(cursor) : !hasContent(cursor, column, listAtIndent);
  cursor.emptyValue = absent;
  return absent ? null : parseBlockNode(cursor, column, listAtIndent);
}

/** Reads the list at the cursor; where its dashes stand at `indent` itself, a key may follow it there. */
function parseList(cursor: Cursor, indent: number): YamlValue[] {
  if (!cursor.keyAllowed) throw misplaced(cursor);
  enter(cursor);
  const column = columnOf(cursor);
  const items: YamlValue[] = [];
  do {
    const { at } = cursor;
    addItem(cursor, items, { value: parseIndicated(cursor, column, false), at });
  } while (continues(cursor, column, column === indent ? "dash or key" : "dash"));
  leave(cursor);
  return items;
}

/** Whether the block at `column` goes on at the cursor; where something else stands there, that is an error. */
function continues(cursor: Cursor, column: number, expected: "key" | "dash" | "dash or key"): boolean {
  if (atEnd(cursor)) return false;
  const here = columnOf(cursor);
  if (!cursor.keyAllowed) throw trailing(cursor);
  if (here < column || atDocumentMarker(cursor)) return false;
  if (here > column) throw misindented(cursor, column, expected);
  const isDash = isIndicator(cursor, ch.minus);
  if (expected === "key") {
    if (isDash) throw misindented(cursor, column, expected);
    return true;
  }
  if (!isDash && expected === "dash") throw misindented(cursor, column, expected);
  return isDash;
}
