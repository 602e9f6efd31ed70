import { isIntegerText, resolveFraction, resolveNumber } from "./number.ts";
import { mayBeWord } from "./resolve.ts";
import { resolveTimestamp } from "./timestamp.ts";

/** What YAML's own tags call a scalar. */
export type ScalarTag = "str" | "int" | "float" | "bool" | "null" | "timestamp" | "merge";

const booleans = /^(?:true|True|TRUE|false|False|FALSE)$/;
const nulls = /^(?:~|null|Null|NULL)?$/;
const infinite = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

/** The tag of a text that stands without quotes. Source: go.yaml.in/yaml/v3 resolve.go `resolve`. */
export function plainTag(text: string): ScalarTag {
  const code = text.charCodeAt(0);
  if (code >= 0x30 && code <= 0x39) return resolveTimestamp(text) === undefined ? numberTag(text) : "timestamp";
  if (!mayBeWord(code)) return "str";
  if (nulls.test(text)) return "null";
  if (booleans.test(text)) return "bool";
  if (infinite.test(text)) return "float";
  if (text === "<<") return "merge";
  if (code === 0x2e) return resolveFraction(text) === undefined ? "str" : "float";
  return numberTag(text);
}

function numberTag(text: string): ScalarTag {
  if (resolveNumber(text) === undefined) return "str";
  return isIntegerText(text) ? "int" : "float";
}

/** Whether a key that is written as it stands reads back as a text: not so numbers, booleans, null, points in time, `<<`. */
export const isTextKey = (key: string): boolean => plainTag(key) === "str";
