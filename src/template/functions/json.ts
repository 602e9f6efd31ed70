import { isObject } from "../../model/json/json.ts";
import { fromText, isList, isMap, sortedEntries, templateError, toText, type Value } from "../value.ts";
import { runes } from "./quote.ts";

/** How `encoding/json` of Go writes. */
export interface JsonStyle {
  /** `<`, `>`, `&` as \u escapes, as `json.Marshal` does. */
  readonly escapeHtml: boolean;
  readonly indent?: number;
}

/** JSON as Go writes it: keys sorted, control characters and line separators escaped its way. */
export function toJson(value: Value, style: JsonStyle): string {
  return fromText(write(value, style, ""));
}

/** Reads JSON as sprig's `fromJson`, where every number is a float. Throws `templateError` for a string that is not JSON. */
export function fromJson(text: string): Value {
  try {
    return narrowed(JSON.parse(toText(text)));
  } catch {
    throw templateError("fromJson: the string is not JSON");
  }
}

function write(value: Value, style: JsonStyle, margin: string): string {
  if (value === undefined || value === null) return "null";
  if (typeof value === "string") return jsonString(value, style.escapeHtml);
  if (typeof value === "bigint" || typeof value === "boolean") return String(value);
  if (typeof value === "number") return jsonNumber(value);
  const inner = margin + " ".repeat(style.indent ?? 0);
  if (isMap(value)) {
    const colon = style.indent === undefined ? ":" : ": ";
    const members = sortedEntries(value).map(
      ([key, member]) => jsonString(key, style.escapeHtml) + colon + write(member, style, inner),
    );
    return bracketed("{}", members, style, margin);
  }
  const members = isList(value) ? value.map((member) => write(member, style, inner)) : [];
  return bracketed("[]", members, style, margin);
}

function bracketed(brackets: "{}" | "[]", members: readonly string[], style: JsonStyle, margin: string): string {
  const [open, close] = brackets;
  if (members.length === 0) return brackets;
  if (style.indent === undefined) return `${open}${members.join(",")}${close}`;
  const inner = `\n${margin}${" ".repeat(style.indent)}`;
  return `${open}${inner}${members.join(`,${inner}`)}\n${margin}${close}`;
}

/** A byte that is not UTF-8 becomes an escaped replacement character, as Go writes it. */
function jsonString(bytes: string, escapeHtml: boolean): string {
  const special = escapeHtml ? /[<>&\u2028\u2029]/g : /[\u2028\u2029]/g;
  const unicode = (rune: string) => `\\u${rune.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const quoted = (rune: string) => JSON.stringify(rune).slice(1, -1).replace(special, unicode);
  return `"${[...runes(bytes)].map((rune) => (typeof rune === "number" ? "\\ufffd" : quoted(rune))).join("")}"`;
}

function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) throw templateError("JSON has no infinite numbers");
  const size = Math.abs(value);
  if (Object.is(value, -0)) return "-0";
  return size !== 0 && size < 1e-6 ? value.toExponential() : String(value);
}

function narrowed(value: unknown): Value {
  if (typeof value === "string") return fromText(value);
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (Array.isArray(value)) return value.map(narrowed);
  if (isObject(value)) return new Map(Object.entries(value).map(([key, member]) => [fromText(key), narrowed(member)]));
  return null;
}
