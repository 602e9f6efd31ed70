import { resolveFraction, resolveNumber } from "./number.ts";
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
  if (isNoTextToV2(value)) return false;
  return !isNumeric(value.charCodeAt(0)) || (resolveTimestamp(value) === undefined && !base60.test(value));
}

/** Whether go-yaml v2 reads a plain scalar as a boolean, a number or null. Source: kyaml's `IsValueNonString`. */
export function isNoTextToV2(value: string): boolean {
  if (words.has(value)) return true;
  const first = value.charCodeAt(0);
  if (first === 0x2e) return resolveFraction(value) !== undefined;
  return isNumeric(first) && resolveTimestamp(value) === undefined && resolveNumber(value) !== undefined;
}

const isNumeric = (code: number): boolean => (code >= 0x30 && code <= 0x39) || code === 0x2b || code === 0x2d;
