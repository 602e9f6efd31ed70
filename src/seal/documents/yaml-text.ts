import type { Pair, YAMLMap } from "yaml";
import { Failure } from "../../model/failure.ts";

/** Where a member begins: at its name. */
export function startOf(pair: Pair): number {
  const range = rangeOf(pair.key);
  if (range === undefined) throw notEditable();
  return range[0];
}

/** Where a member ends: behind its value, or its name where it has none. */
export function endOf(pair: Pair): number {
  const range = rangeOf(pair.value) ?? rangeOf(pair.key);
  if (range === undefined) throw notEditable();
  return range[1];
}

/** The range of a node: its begin, the end of its value, and the end of what belongs to it. */
export function rangeOf(node: unknown): readonly [number, number, number] | undefined {
  if (typeof node !== "object" || node === null || !("range" in node) || !Array.isArray(node.range)) return undefined;
  const [start, end, whole]: readonly unknown[] = node.range;
  return typeof start === "number" && typeof end === "number" && typeof whole === "number"
    ? [start, end, whole]
    : undefined;
}

/** The indentation of a member of a block map; after a list's dash, as much space as the dash takes. */
export function indentOf(text: string, map: YAMLMap): string {
  const first = map.items[0];
  if (first === undefined) throw notEditable();
  const start = startOf(first);
  return " ".repeat(start - lineStart(text, start));
}

/** Where the line of a place begins. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Tells whether only white space precedes an offset on its line. */
export function isLineStart(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).trim() === "";
}

/** Behind the line break that ends the line a value ends on; a block scalar's value has its line break in it. */
export function lineEnd(text: string, at: number): number {
  if (text[at - 1] === "\n") return at;
  const found = text.indexOf("\n", at);
  return found < 0 ? text.length : found + 1;
}

/** A member of a block map, without its indentation. */
export function line(key: string, value: string): string {
  return `${plainOrQuoted(key)}: ${plainOrQuoted(value)}`;
}

/** A text that any YAML reader takes for a string is left bare, as kubeseal leaves base64; anything else is quoted. */
export function plainOrQuoted(value: string): string {
  const bare = /^[A-Za-z_/][\w+/.-]*={0,2}$/.test(value) && !/^(?:null|true|false|yes|no|on|off|[yn])$/i.test(value);
  return bare ? value : quoted(value, true);
}

/** A text between quotes, double ones where that takes no escapes. */
export function quoted(value: string, preferDouble: boolean): string {
  if (preferDouble && !value.includes('"')) return JSON.stringify(value);
  return /[\n\r\t]/.test(value) ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`;
}

/** The refusal to change a file in place, with what to do. */
export function notEditable(): Failure {
  return new Failure("SealInvalid", {
    message: "this file is written in a way that cannot be changed in place",
    hint: "write encryptedData and metadata as plain maps, one member a line, without anchors",
  });
}
