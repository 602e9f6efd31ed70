import { newMap } from "../new-map.ts";
import { resolveScalar, type Scalar } from "../resolve/resolve.ts";
import { ch } from "../scan/chars.ts";
import { atDocumentMarker, type Cursor, enter, excerpt, invalid, leave, skipToToken } from "../scan/cursor.ts";
import { scanPlain, startsPlain } from "../scan/plain-scalar.ts";
import { scanAnchor, scanProperties } from "../scan/properties.ts";
import { scanQuoted } from "../scan/quoted-scalar.ts";
import { noteFlow } from "../style/flow.ts";
import type { YamlMap, YamlValue } from "../value.ts";
import { aliased, openAnchor, setAnchor } from "./anchors.ts";
import { addItem, addMember, type Key, keyOf, type Members, mergedMap, notAString } from "./members.ts";

/** A node in flow style: a scalar that may yet turn out to be a key, or a value. */
type FlowNode = { readonly scalar: Scalar } | { readonly value: YamlValue };

/**
 * Reads the list or map in brackets or braces at the cursor, inside a block of `indent`, and leaves the cursor behind it.
 * Source: go.yaml.in/yaml/v3 parserc.go `yaml_parser_parse_flow_sequence_entry`, `yaml_parser_parse_flow_mapping_key`.
 */
export function parseFlow(cursor: Cursor, indent: number): YamlMap | YamlValue[] {
  enter(cursor);
  const isList = cursor.text.charCodeAt(cursor.at) === ch.openBracket;
  const result = isList ? parseFlowList(cursor, indent) : parseFlowMap(cursor, indent);
  leave(cursor);
  if (cursor.dialect === "v3") noteFlow(result, true);
  return result;
}

function parseFlowList(cursor: Cursor, indent: number): YamlValue[] {
  const start = cursor.at;
  const items: YamlValue[] = [];
  advance(cursor);
  while (peek(cursor) !== ch.closeBracket) {
    const { at } = cursor;
    addItem(cursor, items, { value: parseItem(cursor, indent), at });
    endEntry(cursor, start, ch.closeBracket);
  }
  cursor.at++;
  return items;
}

/** An item of a list: a node, or a single pair without braces. */
function parseItem(cursor: Cursor, indent: number): YamlValue {
  const { at } = cursor;
  const explicit = peek(cursor) === ch.question;
  if (explicit) advance(cursor);
  const node = explicit ? parseExplicitKey(cursor, indent) : parseFlowNode(cursor, indent);
  if (!explicit && !isKeyEnd(cursor, at)) return flowValue(cursor, node);
  enter(cursor);
  const members: Members = { map: newMap(), merged: undefined };
  addMember(cursor, members, flowKey(cursor, node, at), { at, value: parsePairValue(cursor, indent) });
  leave(cursor);
  return mergedMap(cursor, members, at);
}

function parseFlowMap(cursor: Cursor, indent: number): YamlMap {
  const start = cursor.at;
  const members: Members = { map: newMap(), merged: undefined };
  advance(cursor);
  while (peek(cursor) !== ch.closeBrace) {
    const { at } = cursor;
    const explicit = peek(cursor) === ch.question;
    if (explicit) advance(cursor);
    const node = explicit ? parseExplicitKey(cursor, indent) : parseFlowNode(cursor, indent);
    const hasValue = explicit || isKeyEnd(cursor, at);
    const key = flowKey(cursor, node, at);
    addMember(cursor, members, key, { at, value: hasValue ? parsePairValue(cursor, indent) : emptyValue(cursor) });
    endEntry(cursor, start, ch.closeBrace);
  }
  cursor.at++;
  return mergedMap(cursor, members, start);
}

/** kustomize writes an empty value in braces as an empty string once it has read it, and so it stays one. */
function emptyValue(cursor: Cursor): YamlValue {
  cursor.written = "";
  cursor.emptyValue = true;
  return cursor.dialect === "v3" ? "" : null;
}

function parseExplicitKey(cursor: Cursor, indent: number): FlowNode {
  const code = peek(cursor);
  if (code !== ch.colon && code !== ch.comma && !isClosing(code)) return parseFlowNode(cursor, indent);
  throw notAString(cursor, cursor.at, "nothing");
}

/** Reads `: value` where there is one. */
function parsePairValue(cursor: Cursor, indent: number): YamlValue {
  if (peek(cursor) !== ch.colon) return emptyValue(cursor);
  cursor.written = undefined;
  advance(cursor);
  const code = peek(cursor);
  if (code === ch.comma || isClosing(code)) return emptyValue(cursor);
  return flowValue(cursor, parseFlowNode(cursor, indent));
}

/** Whether the node that began at `start` is a key: a colon follows it on the same line, within 1,024 characters. */
function isKeyEnd(cursor: Cursor, start: number): boolean {
  if (peek(cursor) !== ch.colon) return false;
  if (start >= cursor.lineStart && cursor.at - start <= 1024) return true;
  const hint = "write the key and its colon on one line, in at most 1,024 characters";
  throw invalid(cursor, cursor.at, { message: "a colon too far from its key", hint });
}

function flowKey(cursor: Cursor, node: FlowNode, at: number): Key {
  if ("scalar" in node) return keyOf(cursor, node.scalar);
  if (typeof node.value === "string") return node.value;
  throw notAString(cursor, at, excerpt(cursor, at));
}

const flowValue = (cursor: Cursor, node: FlowNode): YamlValue =>
  "scalar" in node ? resolveScalar(cursor, node.scalar) : node.value;

/** Reads a node and moves on to the token behind it. */
function parseFlowNode(cursor: Cursor, indent: number): FlowNode {
  const code = peek(cursor);
  if (code === ch.ampersand || code === ch.exclamation) return parseNodeWithProperties(cursor, indent);
  const { at } = cursor;
  if (code === ch.asterisk) {
    const value = aliased(cursor, scanAnchor(cursor), at);
    skipToToken(cursor, true, true);
    return { value };
  }
  return parseContent(cursor, indent, undefined);
}

function parseNodeWithProperties(cursor: Cursor, indent: number): FlowNode {
  const properties = scanProperties(cursor, true);
  const { tag, at } = properties;
  const code = peek(cursor);
  const empty = code === ch.comma || code === ch.colon || isClosing(code);
  openAnchor(cursor, properties);
  const node: FlowNode = empty ? { scalar: { text: "", plain: true, tag, at } } : parseContent(cursor, indent, tag);
  if (properties.anchor === undefined) return node;
  const value = flowValue(cursor, node);
  setAnchor(cursor, properties, value);
  return node;
}

function parseContent(cursor: Cursor, indent: number, tag: string | undefined): FlowNode {
  const { text, at } = cursor;
  const code = text.charCodeAt(at);
  let node: FlowNode;
  if (code === ch.openBracket || code === ch.openBrace) node = { value: parseFlow(cursor, indent) };
  else if (code === ch.doubleQuote || code === ch.singleQuote) {
    node = { scalar: { text: scanQuoted(cursor), plain: false, tag, at } };
  } else if (startsPlain(text, at, true)) {
    node = { scalar: plainScalar(cursor, scanPlain(cursor, indent, true), { tag, at }) };
  } else throw unexpected(cursor);
  skipToToken(cursor, true, true);
  return node;
}

/** kustomize puts a point in time inside brackets in quotes, for the sake of its colons, and reads text again. */
function plainScalar(cursor: Cursor, text: string, place: { tag: string | undefined; at: number }): Scalar {
  return { text, plain: cursor.dialect === "v2" || !text.includes(":"), quoted: false, ...place };
}

const isClosing = (code: number): boolean => code === ch.closeBracket || code === ch.closeBrace;

/** The character at the cursor; where the document ends, the brackets were never closed. */
function peek(cursor: Cursor): number {
  const code = cursor.text.charCodeAt(cursor.at);
  if (code !== ch.end && !atDocumentMarker(cursor)) return code;
  const hint = "close what was opened with [ or {";
  throw invalid(cursor, cursor.at, { message: "the document ends inside brackets", hint });
}

function advance(cursor: Cursor): void {
  cursor.at++;
  skipToToken(cursor, true, true);
}

/** Moves over the comma behind an entry; the closing bracket may follow instead. */
function endEntry(cursor: Cursor, start: number, closing: number): void {
  const code = peek(cursor);
  if (code === ch.comma) advance(cursor);
  else if (code !== closing) {
    const hint = `expected a comma or ${String.fromCharCode(closing)} in what ${excerpt(cursor, start)} opens`;
    throw invalid(cursor, cursor.at, { message: `${excerpt(cursor, cursor.at)} behind a value`, hint });
  }
}

function unexpected(cursor: Cursor): Error {
  const hint = "expected a value; quote it if it is meant as text";
  return invalid(cursor, cursor.at, { message: `${excerpt(cursor, cursor.at)} where a value must begin`, hint });
}
