import { type Cursor, type Dialect, invalid } from "../scan/cursor.ts";
import type { YamlValue } from "../value.ts";
import { resolveFraction, resolveNumber } from "./number.ts";
import { resolveTimestamp } from "./timestamp.ts";
import { isV2True, isV2Word } from "./words.ts";

/** A scalar as it was read: its text, whether it stood there without quotes, its tag where it has one, and its place. */
export interface Scalar {
  readonly text: string;
  readonly plain: boolean;
  /** Whether it counts as quoted where it is patched; where absent, what is not plain does. */
  readonly quoted?: boolean;
  readonly tag: string | undefined;
  readonly at: number;
}

const longPrefix = "tag:yaml.org,2002:";

/**
 * The value of a scalar: that of its tag where it has one, of its text where it is plain, otherwise a string.
 * Source: go.yaml.in/yaml/v3 resolve.go `resolve`, decode.go `scalar`; v2's files of the same name.
 */
export function resolveScalar(cursor: Cursor, scalar: Scalar): YamlValue {
  const { text, tag } = scalar;
  cursor.written = text;
  cursor.quoted = scalar.quoted ?? !scalar.plain;
  cursor.folded = false;
  if (tag === undefined || (tag === "!" && cursor.dialect === "v3"))
    return scalar.plain ? resolvePlain(cursor, text, scalar.at) : text;
  if (!tag.startsWith(longPrefix)) return text;
  const name = tag.slice(longPrefix.length);
  const value = resolveTagged(cursor, name, text);
  if (value !== undefined) return finite(cursor, value, scalar.at);
  const hint = "leave the tag out, or change the value";
  throw invalid(cursor, scalar.at, { message: `${JSON.stringify(text)} is not what its tag !!${name} says`, hint });
}

/** The value of a plain scalar. The first character tells most strings from all else. */
export function resolvePlain(cursor: Cursor, text: string, at: number): YamlValue {
  const code = text.charCodeAt(0);
  cursor.written = text;
  cursor.quoted = false;
  if (code >= 0x30 && code <= 0x39) return resolveNumeric(cursor.dialect, text) ?? text;
  if (!mayBeWord(code)) return text;
  const value = resolveWord(cursor.dialect, text);
  return value === undefined ? text : finite(cursor, value, at);
}

/** Whether a word, `<<`, or a number with a sign or a dot may begin with a character; NaN is that of an empty text. */
export const mayBeWord = (code: number): boolean =>
  Number.isNaN(code) ||
  (code >= 0x2b && code <= 0x2e) ||
  code === 0x3c ||
  code === 0x7e ||
  "yYnNtTfFoO".includes(String.fromCharCode(code));

function resolveNumeric(dialect: Dialect, text: string): YamlValue | undefined {
  const timestamp = resolveTimestamp(text);
  if (timestamp !== undefined) return dialect === "v3" ? timestamp : text;
  return resolveNumber(text);
}

/** The value of a word, of a number with a sign, or of a fraction; undefined where the text is a string. */
function resolveWord(dialect: Dialect, text: string): YamlValue | undefined {
  switch (text) {
    case "":
    case "~":
    case "null":
    case "Null":
    case "NULL":
      return null;
    case "true":
    case "True":
    case "TRUE":
      return true;
    case "false":
    case "False":
    case "FALSE":
      return false;
  }
  const code = text.charCodeAt(0);
  if (code === 0x2e) return specialFloat(text) ?? resolveFraction(text);
  if (code === 0x2b || code === 0x2d) return specialFloat(text) ?? resolveNumber(text);
  return dialect === "v2" && isV2Word(text) ? isV2True(text) : undefined;
}

function specialFloat(text: string): number | undefined {
  if (/^\.(?:nan|NaN|NAN)$/.test(text)) return Number.NaN;
  if (!/^[-+]?\.(?:inf|Inf|INF)$/.test(text)) return undefined;
  return text.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** JSON, and so Kubernetes, has no number that is not finite. */
function finite(cursor: Cursor, value: YamlValue, at: number): YamlValue {
  if (typeof value !== "number" || Number.isFinite(value)) return value;
  const message = `${value} cannot be written to the cluster: JSON has no such number`;
  throw invalid(cursor, at, { message, hint: "quote it if it is meant as text" });
}

/** The value of a scalar with one of YAML's own tags, or undefined where the text does not fit the tag. */
function resolveTagged(cursor: Cursor, name: string, text: string): YamlValue | undefined {
  if (name === "binary") return decodeBase64(text);
  if (!["int", "float", "bool", "null", "timestamp"].includes(name)) return text;
  const value = resolveWord(cursor.dialect, text) ?? resolveNumber(text);
  switch (name) {
    case "int":
      return isIntegerText(text) && (typeof value === "number" || typeof value === "bigint") ? value : undefined;
    case "float":
      return typeof value === "bigint" ? Number(value) : typeof value === "number" ? value : undefined;
    case "bool":
      return typeof value === "boolean" ? value : undefined;
    case "null":
      return resolveWord(cursor.dialect, text) === null ? null : undefined;
    default:
      return cursor.dialect === "v3" ? resolveTimestamp(text) : resolveTimestamp(text) && text;
  }
}

const isIntegerText = (text: string): boolean => !/[.]/.test(text) && (/^[-+]?0[xX]/.test(text) || !/[eE]/.test(text));

/** Base64 with padding; line breaks are skipped. What is not UTF-8 becomes U+FFFD, as in Go's JSON. */
function decodeBase64(text: string): string | undefined {
  const digits = text.replaceAll(/[\r\n]/g, "");
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) return undefined;
  return Buffer.from(digits, "base64").toString("utf8");
}
