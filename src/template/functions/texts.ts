import { fromText, isList, print, templateError, toText, type Value } from "../value.ts";
import {
  atLeast,
  count,
  exactly,
  list,
  printed,
  sprint,
  string,
  type TemplateFunction,
  type TemplateLimits,
  withoutNil,
} from "./arguments.ts";
import { format } from "./format.ts";
import { quote } from "./quote.ts";

/** Functions over strings. Where Go counts bytes, so do these; where it counts runes, strings are read as UTF-8. */
export const texts: Readonly<Record<string, TemplateFunction>> = {
  print: atLeast(0, (args) => sprint(args)),
  println: atLeast(0, (args) => `${args.map(print).join(" ")}\n`),
  printf: atLeast(1, ([pattern, ...args]) => format(string(pattern), args)),
  toString: exactly(1, ([value]) => printed(value)),
  trim: exactly(1, ([text]) => fromText(toText(string(text)).replace(/^\p{White_Space}+|\p{White_Space}+$/gu, ""))),
  trimAll: exactly(2, ([set, text]) => trimSet(string(text), string(set))),
  trimPrefix: exactly(2, ([prefix, text]) => withoutPrefix(string(text), string(prefix))),
  trimSuffix: exactly(2, ([suffix, text]) => withoutSuffix(string(text), string(suffix))),
  nospace: exactly(1, ([text]) => withoutSpace(string(text))),
  upper: exactly(1, ([text]) => decoded(string(text), (all) => [...all].map(upperRune).join(""))),
  lower: exactly(1, ([text]) => decoded(string(text), (all) => [...all].map(lowerRune).join(""))),
  title: exactly(1, ([text]) => decoded(string(text), (all) => all.replace(/(?<![\p{L}\p{N}_])\p{L}/gu, titleRune))),
  untitle: exactly(1, ([text]) => decoded(string(text), (all) => all.replace(/(?<!\S)\p{L}/gu, lowerRune))),
  repeat: exactly(2, ([times, text], { limits }) => repeat(string(text), count(times), limits)),
  substr: exactly(3, ([start, end, text]) => substring(string(text), count(start), count(end))),
  trunc: exactly(2, ([length, text]) => truncate(string(text), count(length))),
  contains: exactly(2, ([part, text]) => string(text).includes(string(part))),
  hasPrefix: exactly(2, ([part, text]) => string(text).startsWith(string(part))),
  hasSuffix: exactly(2, ([part, text]) => string(text).endsWith(string(part))),
  replace: exactly(3, ([from, to, text]) => replace(string(text), string(from), string(to))),
  quote: atLeast(0, (args) =>
    withoutNil(args)
      .map((value) => quote(printed(value)))
      .join(" "),
  ),
  squote: atLeast(0, (args) =>
    withoutNil(args)
      .map((value) => `'${print(value)}'`)
      .join(" "),
  ),
  cat: atLeast(0, (args) => withoutNil(args).map(print).join(" ")),
  indent: exactly(2, ([spaces, text], { limits }) => indent(string(text), count(spaces), limits)),
  nindent: exactly(2, ([spaces, text], { limits }) => `\n${indent(string(text), count(spaces), limits)}`),
  join: exactly(2, ([separator, values]) => strings(values).join(string(separator))),
  splitList: exactly(2, ([separator, text]) => split(string(text), string(separator))),
  split: exactly(2, ([separator, text]) => {
    const parts = split(string(text), string(separator));
    return new Map(parts.map((part, index) => [`_${index}`, part]));
  }),
  sortAlpha: exactly(1, ([values]) => strings(values).toSorted()),
};

function decoded(bytes: string, change: (text: string) => string): string {
  return fromText(change(toText(bytes)));
}

/** Go maps rune by rune, and leaves one that would become several, like ß. */
function upperRune(rune: string): string {
  const upper = rune.toUpperCase();
  return [...upper].length === 1 ? upper : rune;
}

/** Two letters in one, of which a title has only the first in upper case. */
const digraphs: ReadonlyMap<string, string> = new Map(
  [..."ǄǅǆǇǈǉǊǋǌǱǲǳ"].map((rune, index, all) => [rune, all[index - (index % 3) + 1] ?? rune]),
);

function titleRune(rune: string): string {
  return digraphs.get(rune) ?? upperRune(rune);
}

function lowerRune(rune: string): string {
  return [...rune.toLowerCase()][0] ?? rune;
}

/** An empty `from` stands before, between and behind the runes. */
function replace(text: string, from: string, to: string): string {
  if (from !== "") return text.replaceAll(from, () => to);
  return ["", ...split(text, ""), ""].join(to);
}

/** goutils, which sprig calls, takes each byte for a rune, and writes them so where it removes one. */
function withoutSpace(bytes: string): string {
  const kept = bytes.replace(/[\t-\r \x85\xa0]+/g, "");
  return kept.length === bytes.length ? bytes : fromText(kept);
}

function trimSet(text: string, set: string): string {
  const all = [...toText(text)];
  const unwanted = new Set(toText(set));
  const start = all.findIndex((rune) => !unwanted.has(rune));
  const end = all.findLastIndex((rune) => !unwanted.has(rune));
  return start < 0 ? "" : fromText(all.slice(start, end + 1).join(""));
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function withoutSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
}

function repeat(text: string, times: number, { output }: TemplateLimits): string {
  if (times < 0 || text.length * times > output) throw templateError("repeat: the count is negative or too large");
  return text.repeat(times);
}

function indent(text: string, spaces: number, limits: TemplateLimits): string {
  const pad = repeat(" ", spaces, limits);
  return pad + text.replaceAll("\n", `\n${pad}`);
}

/** sprig's `substr`: a negative start counts as the beginning, an end beyond the string as its end. */
function substring(text: string, start: number, end: number): string {
  if (start < 0) return text.slice(0, inside(end, text));
  if (end < 0 || end > text.length) return text.slice(inside(start, text));
  if (start > end) throw templateError("substr: the start is behind the end");
  return text.slice(start, end);
}

function inside(index: number, text: string): number {
  if (index < 0 || index > text.length) throw templateError("substr: a position is outside the string");
  return index;
}

function truncate(text: string, length: number): string {
  if (length < 0) return text.length + length > 0 ? text.slice(text.length + length) : text;
  return text.slice(0, length);
}

/** An empty separator splits between runes, as Go's `strings.Split` does. */
function split(text: string, separator: string): readonly string[] {
  if (separator !== "") return text.split(separator);
  return [...toText(text)].map(fromText);
}

/** sprig's `strslice`: the members as printed, absent ones left out; a single value is a list of one. */
function strings(values: Value): readonly string[] {
  if (values === undefined || values === null) return [];
  return isList(values) ? withoutNil(list(values)).map(printed) : [printed(values)];
}
