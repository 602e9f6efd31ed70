import { resolveFraction, resolveNumber } from "./resolve-number.ts";
import { resolveTimestamp } from "./timestamp.ts";

const trueWords = ["y", "Y", "yes", "Yes", "YES", "on", "On", "ON"];
const falseWords = ["n", "N", "no", "No", "NO", "off", "Off", "OFF"];
const v2Words: ReadonlySet<string> = new Set([...trueWords, ...falseWords]);

const words: ReadonlySet<string> = new Set(
  [...v2Words].concat(
    ["", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE"],
    [".nan", ".NaN", ".NAN", ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF"],
  ),
);

const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** Whether a word means true or false to go-yaml v2 only, as YAML 1.1 has it: `yes`, `on` and their like. */
export const isV2Word = (text: string): boolean => v2Words.has(text);

/** Which of the two such a word means. */
export const isV2True = (text: string): boolean => trueWords.includes(text);

/**
 * Whether a plain scalar reads back as the string it is, by the rules of YAML 1.1 as go-yaml v2 knows them; numbers in
 * base 60 count as numbers here, although go-yaml reads them as strings.
 * Source: go.yaml.in/yaml/v2 resolve.go `resolve`, encode.go `isBase60Float`.
 */
export function resolvesToString(value: string): boolean {
  if (words.has(value)) return false;
  const first = value.charCodeAt(0);
  if (first === 0x2e) return resolveFraction(value) === undefined;
  const numeric = (first >= 0x30 && first <= 0x39) || first === 0x2b || first === 0x2d;
  if (!numeric) return true;
  return resolveTimestamp(value) === undefined && resolveNumber(value) === undefined && !base60.test(value);
}
