import { fromText, isList, print, refusal, toText, type Value } from "../value.ts";
import { atLeast, count, exactly, list, present, printed, string, type TemplateFunction } from "./arguments.ts";
import { format } from "./format.ts";
import { quote } from "./quote.ts";

const maxText = 4 * 1024 * 1024;

/** Functions over strings. Where Go counts bytes, so do these; where it looks at letters, they are read as UTF-8. */
export const texts: Readonly<Record<string, TemplateFunction>> = {
  print: atLeast(0, (args) => sprint(args)),
  println: atLeast(0, (args) => `${args.map(print).join(" ")}\n`),
  printf: atLeast(1, ([pattern, ...args]) => format(string(pattern), args)),
  toString: exactly(1, ([value]) => printed(value)),
  trim: exactly(1, ([text]) => fromText(toText(string(text)).replace(/^\p{White_Space}+|\p{White_Space}+$/gu, ""))),
  trimAll: exactly(2, ([set, text]) => trimSet(string(text), string(set))),
  trimPrefix: exactly(2, ([prefix, text]) => withoutPrefix(string(text), string(prefix))),
  trimSuffix: exactly(2, ([suffix, text]) => withoutSuffix(string(text), string(suffix))),
  nospace: exactly(1, ([text]) => fromText(toText(string(text)).replace(/\p{White_Space}+/gu, ""))),
  upper: exactly(1, ([text]) => letters(string(text), (all) => all.toUpperCase())),
  lower: exactly(1, ([text]) => letters(string(text), (all) => all.toLowerCase())),
  title: exactly(1, ([text]) =>
    letters(string(text), (all) => all.replace(/(?<![\p{L}\p{N}_])\p{L}/gu, (letter) => letter.toUpperCase())),
  ),
  untitle: exactly(1, ([text]) =>
    letters(string(text), (all) => all.replace(/(?<!\S)\p{L}/gu, (letter) => letter.toLowerCase())),
  ),
  repeat: exactly(2, ([times, text]) => repeat(string(text), count(times))),
  substr: exactly(3, ([start, end, text]) => substring(string(text), count(start), count(end))),
  trunc: exactly(2, ([length, text]) => truncate(string(text), count(length))),
  contains: exactly(2, ([part, text]) => string(text).includes(string(part))),
  hasPrefix: exactly(2, ([part, text]) => string(text).startsWith(string(part))),
  hasSuffix: exactly(2, ([part, text]) => string(text).endsWith(string(part))),
  replace: exactly(3, ([from, to, text]) => string(text).replaceAll(string(from), () => string(to))),
  quote: atLeast(0, (args) =>
    present(args)
      .map((value) => quote(printed(value)))
      .join(" "),
  ),
  squote: atLeast(0, (args) =>
    present(args)
      .map((value) => `'${print(value)}'`)
      .join(" "),
  ),
  cat: atLeast(0, (args) => present(args).map(print).join(" ")),
  indent: exactly(2, ([spaces, text]) => indent(string(text), count(spaces))),
  nindent: exactly(2, ([spaces, text]) => `\n${indent(string(text), count(spaces))}`),
  join: exactly(2, ([separator, values]) => strings(values).join(string(separator))),
  splitList: exactly(2, ([separator, text]) => split(string(text), string(separator))),
  split: exactly(2, ([separator, text]) => {
    const parts = split(string(text), string(separator));
    return new Map(parts.map((part, index) => [`_${index}`, part]));
  }),
  sortAlpha: exactly(1, ([values]) => strings(values).toSorted()),
};

/** Go's `Sprint` puts a space between two arguments only where neither is a string. */
function sprint(args: readonly Value[]): string {
  return args
    .map((value, index) => {
      const before = args[index - 1];
      const spaced = index > 0 && typeof before !== "string" && typeof value !== "string";
      return (spaced ? " " : "") + print(value);
    })
    .join("");
}

function letters(bytes: string, change: (text: string) => string): string {
  return fromText(change(toText(bytes)));
}

function trimSet(text: string, set: string): string {
  const letters = [...toText(text)];
  const unwanted = new Set(toText(set));
  const start = letters.findIndex((letter) => !unwanted.has(letter));
  const end = letters.findLastIndex((letter) => !unwanted.has(letter));
  return start < 0 ? "" : fromText(letters.slice(start, end + 1).join(""));
}

function withoutPrefix(text: string, prefix: string): string {
  return text.startsWith(prefix) ? text.slice(prefix.length) : text;
}

function withoutSuffix(text: string, suffix: string): string {
  return text.endsWith(suffix) ? text.slice(0, text.length - suffix.length) : text;
}

function repeat(text: string, times: number): string {
  if (times < 0 || text.length * times > maxText)
    throw refusal("repeat was asked for a negative or too large number of times");
  return text.repeat(times);
}

function indent(text: string, spaces: number): string {
  const pad = repeat(" ", spaces);
  return pad + text.replaceAll("\n", `\n${pad}`);
}

/** sprig's `substr`: a negative start counts as the beginning, an end out of reach as the end. */
function substring(text: string, start: number, end: number): string {
  if (start < 0) return text.slice(0, inside(end, text));
  if (end < 0 || end > text.length) return text.slice(inside(start, text));
  if (start > end) throw refusal("substr was given a start behind the end");
  return text.slice(start, end);
}

function inside(index: number, text: string): number {
  if (index < 0 || index > text.length) throw refusal("substr was given a position outside the string");
  return index;
}

function truncate(text: string, length: number): string {
  if (length < 0) return text.length + length > 0 ? text.slice(text.length + length) : text;
  return text.slice(0, length);
}

/** An empty separator cuts between letters, as Go's `strings.Split` does. */
function split(text: string, separator: string): readonly string[] {
  if (separator !== "") return text.split(separator);
  return [...toText(text)].map(fromText);
}

/** sprig's `strslice`: the members as printed, absent ones left out; a single value is a list of one. */
function strings(values: Value): readonly string[] {
  if (values === undefined || values === null) return [];
  return isList(values) ? present(list(values)).map(printed) : [printed(values)];
}
