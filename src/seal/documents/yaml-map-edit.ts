import { type Document, isMap, isScalar, type Pair, type YAMLMap } from "yaml";
import type { Edit } from "./edit.ts";
import {
  endOf,
  indentOf,
  isLineStart,
  line,
  lineEnd,
  lineStart,
  notEditable,
  plainOrQuoted,
  rangeOf,
  startOf,
} from "./yaml-text.ts";

/**
 * The text with a member of a map added, taken out or renamed; the document is the one the text was read into.
 * Throws `Failure` (SealInvalid) where the map is written in a way that cannot be changed so.
 */
export function editYamlMap(text: string, document: Document, edit: Edit): string {
  const parentPath = edit.path.slice(0, -1);
  const key = edit.path.at(-1) ?? "";
  const parent = parentPath.length === 0 ? document.contents : document.getIn(parentPath, true);
  if (edit.type === "set" && (!isMap(parent) || parent.items.length === 0)) {
    return makeMap(text, { document, path: parentPath, node: parent }, [key, edit.value]);
  }
  if (!isMap(parent)) throw notEditable();
  if (edit.type === "set") return insert(text, parent, key, edit.value);
  const pair = pairOf(parent, key);
  const range = isScalar(pair?.key) ? pair.key.range : undefined;
  if (pair === undefined || !range) return text;
  if (edit.type === "remove") return remove(text, parent, pair);
  const name = parent.flow ? JSON.stringify(edit.name) : plainOrQuoted(edit.name);
  return text.slice(0, range[0]) + name + text.slice(range[1]);
}

interface Missing {
  readonly document: Document;
  readonly path: readonly string[];
  readonly node: unknown;
}

/** Puts a map of one member where there is none, or an empty one. */
function makeMap(text: string, { document, path, node }: Missing, [key, value]: readonly [string, string]): string {
  const pair = pairAt(document, path);
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (!isMap(parent)) throw notEditable();
  const inner = `{ ${JSON.stringify(key)}: ${JSON.stringify(value)} }`;
  if (pair === undefined) {
    const name = path.at(-1) ?? "";
    return parent.flow
      ? insertRaw(text, parent, name, inner)
      : insertRaw(text, parent, name, `\n${indentOf(text, parent)}  ${line(key, value)}`);
  }
  const at = rangeOf(pair.value);
  const keyEnd = isScalar(pair.key) ? pair.key.range?.[1] : undefined;
  if (keyEnd === undefined) throw notEditable();
  const valueStart = at === undefined || at[0] === at[1] ? text.indexOf(":", keyEnd) + 1 : at[0];
  const valueEnd = at === undefined || at[0] === at[1] ? valueStart : at[1];
  const empty = isMap(node) || node === null || node === undefined || (isScalar(node) && node.value === null);
  if (!empty) throw notEditable();
  if (parent.flow) return text.slice(0, valueStart) + inner + text.slice(valueEnd);
  if (isLineStart(text, valueStart)) return text.slice(0, valueStart) + line(key, value) + text.slice(valueEnd);
  const head = text.slice(0, valueStart).replace(/(?<! ) +$/, "");
  return `${head}\n${indentOf(text, parent)}  ${line(key, value)}${text.slice(valueEnd)}`;
}

function insert(text: string, map: YAMLMap, key: string, value: string): string {
  return insertRaw(text, map, key, map.flow ? JSON.stringify(value) : ` ${plainOrQuoted(value)}`);
}

/** Puts a member behind the one that comes before it by name where the map is sorted, else at the end. */
function insertRaw(text: string, map: YAMLMap, key: string, rest: string): string {
  const names = map.items.map((pair) => String(isScalar(pair.key) ? pair.key.value : ""));
  const sorted = names.every((name, index) => index === 0 || (names[index - 1] ?? "") <= name);
  const before = sorted ? names.findLastIndex((name) => name < key) : names.length - 1;
  const previous = map.items[before];
  const first = map.items[0];
  if (first === undefined) throw notEditable();
  if (map.flow) return insertFlow(text, { first, previous }, `${JSON.stringify(key)}: ${rest.trimStart()}`);
  const indent = indentOf(text, map);
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const written = `${plainOrQuoted(key)}:${rest.replaceAll("\n", newline)}`;
  if (previous === undefined) {
    const start = startOf(first);
    return `${text.slice(0, start)}${written}${newline}${indent}${text.slice(start)}`;
  }
  const end = lineEnd(text, endOf(previous));
  const missing = end > 0 && text[end - 1] !== "\n" ? newline : "";
  return `${text.slice(0, end)}${missing}${indent}${written}${missing === "" ? newline : ""}${text.slice(end)}`;
}

function insertFlow(
  text: string,
  { first, previous }: { first: Pair; previous: Pair | undefined },
  written: string,
): string {
  const start = startOf(first);
  const margin = /\n[ \t]*$/.exec(text.slice(0, start))?.[0] ?? " ";
  if (previous === undefined) return `${text.slice(0, start)}${written},${margin}${text.slice(start)}`;
  const end = endOf(previous);
  return `${text.slice(0, end)},${margin}${written}${text.slice(end)}`;
}

function remove(text: string, map: YAMLMap, pair: Pair): string {
  const index = map.items.indexOf(pair);
  const [previous, next] = [map.items[index - 1], map.items[index + 1]];
  if (map.items.length === 1) return emptied(text, map, pair);
  if (map.flow) {
    if (previous !== undefined) return text.slice(0, endOf(previous)) + text.slice(endOf(pair));
    return text.slice(0, startOf(pair)) + text.slice(next === undefined ? endOf(pair) : startOf(next));
  }
  if (previous === undefined && next !== undefined && !isLineStart(text, startOf(pair))) {
    return text.slice(0, startOf(pair)) + text.slice(startOf(next));
  }
  return text.slice(0, lineStart(text, startOf(pair))) + text.slice(lineEnd(text, endOf(pair)));
}

/** The only member becomes an empty map in its very place, so that comments above it stay. */
function emptied(text: string, map: YAMLMap, pair: Pair): string {
  const [start, end] = [startOf(pair), endOf(pair)];
  if (map.flow) return text.slice(0, start).trimEnd() + text.slice(end).trimStart();
  return `${text.slice(0, start)}{}${text.slice(end - Number(text[end - 1] === "\n"))}`;
}

function pairAt(document: Document, path: readonly string[]): Pair | undefined {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  return isMap(parent) ? pairOf(parent, path.at(-1) ?? "") : undefined;
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => isScalar(pair.key) && String(pair.key.value) === key);
}
