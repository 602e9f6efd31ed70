import { Branch, Comment, type Member } from "../tree.ts";
import { trim, trimStart } from "./lines.ts";

/** The section of keys before the first section header. */
export const defaultSection = "DEFAULT";

interface Section {
  readonly name: string;
  readonly comment: string;
  /** By key, in the order of their first line: the last value of a key counts. */
  readonly keys: Map<string, { value: string; comment: string }>;
}

/**
 * An INI file as SOPS reads it (`stores/ini/store.go` of getsops/sops, over gopkg.in/ini.v1 with its defaults), byte for
 * byte: one branch, whose members are the sections. Undefined where the text is not INI.
 */
export function readIni(text: string): Branch | undefined {
  const reading: Reading = { lines: text.replace(/^\xef\xbb\xbf/, "").split(/(?<=\n)/), at: 0, comment: "" };
  const sections: Section[] = [{ name: defaultSection, comment: "", keys: new Map() }];
  while (reading.at < reading.lines.length) {
    const line = trimStart(reading.lines[reading.at] ?? "");
    reading.at += 1;
    if (line === "") continue;
    if (line.startsWith("#") || line.startsWith(";")) {
      reading.comment += line;
    } else if (line.startsWith("[")) {
      const section = readSection(line, reading);
      if (section === undefined) return undefined;
      sections.push(section);
    } else if (!readKey(line, reading, sections.at(-1)?.keys ?? new Map())) return undefined;
  }
  return new Branch(named(sections));
}

/** Sections of one name are kept apart, as `AllowNonUniqueSections` has it, except for the first, unnamed one. */
function named(sections: readonly Section[]): readonly Member[] {
  return sections.map(({ name, comment, keys }) => {
    const items = [...keys].flatMap(([key, { value, comment: own }]) => [
      { key, value },
      ...(own === "" ? [] : [new Comment(bare(own), false)]),
    ]);
    return { key: name, value: new Branch([...(comment === "" ? [] : [new Comment(bare(comment), false)]), ...items]) };
  });
}

interface Reading {
  readonly lines: readonly string[];
  at: number;
  /** The comments since the last key or section. */
  comment: string;
}

function takeComment(reading: Reading): string {
  const comment = trim(reading.comment);
  reading.comment = "";
  return comment;
}

function readSection(line: string, reading: Reading): Section | undefined {
  const end = line.lastIndexOf("]");
  if (end <= 1) return undefined;
  reading.comment += /[#;].*/s.exec(line.slice(end + 1))?.[0] ?? "";
  return { name: line.slice(1, end), comment: takeComment(reading), keys: new Map() };
}

/** Tells whether it could be read. */
function readKey(line: string, reading: Reading, keys: Section["keys"]): boolean {
  const found = keyName(line);
  if (found === undefined || found.name === "" || found.name === "-") return false;
  const value = readValue(line.slice(found.end), reading);
  if (value === undefined) return false;
  const comment = takeComment(reading);
  const known = keys.get(found.name);
  if (known === undefined) keys.set(found.name, { value, comment });
  else Object.assign(known, { value, comment });
  return true;
}

function keyName(line: string): { readonly name: string; readonly end: number } | undefined {
  const quote = line.length > 6 && line.startsWith('"""') ? '"""' : /^["`]/.exec(line)?.[0];
  if (quote === undefined) {
    const end = line.search(/[=:]/);
    return end <= 0 ? undefined : { name: trim(line.slice(0, end)), end: end + 1 };
  }
  const close = line.indexOf(quote, quote.length);
  if (close < 0) return undefined;
  const delimiter = line.slice(close + quote.length).search(/[=:]/);
  if (delimiter < 0) return undefined;
  return { name: trim(line.slice(quote.length, close)), end: close + quote.length + delimiter + 1 };
}

function readValue(rest: string, reading: Reading): string | undefined {
  const line = trimStart(rest);
  if (line === "") return "";
  const quote = line.length > 3 && line.startsWith('"""') ? '"""' : line.startsWith("`") ? "`" : undefined;
  if (quote !== undefined) {
    const end = line.slice(quote.length).lastIndexOf(quote);
    return end < 0 ? readLines(line.slice(quote.length), quote, reading) : line.slice(quote.length, quote.length + end);
  }
  const bareLine = trim(line);
  if (bareLine.endsWith("\\")) return readContinued(bareLine.slice(0, -1), reading);
  const comment = bareLine.search(/[#;]/);
  if (comment >= 0) reading.comment += bareLine.slice(comment);
  return unquoted(comment < 0 ? bareLine : trim(bareLine.slice(0, comment)));
}

function readLines(first: string, quote: string, reading: Reading): string | undefined {
  let value = first;
  while (reading.at < reading.lines.length) {
    const next = reading.lines[reading.at] ?? "";
    reading.at += 1;
    const end = next.lastIndexOf(quote);
    if (end < 0 || trim(next.slice(end + quote.length)).endsWith("\\")) {
      value += next;
      continue;
    }
    reading.comment += trim(/[#;].*/s.exec(next.slice(end))?.[0] ?? "");
    return value + next.slice(0, end);
  }
  return undefined;
}

function readContinued(first: string, reading: Reading): string {
  let value = first;
  while (reading.at < reading.lines.length) {
    const next = trim(reading.lines[reading.at] ?? "");
    reading.at += 1;
    if (next === "") return value;
    value += next;
    if (!value.endsWith("\\")) return value;
    value = value.slice(0, -1);
  }
  return value;
}

function unquoted(line: string): string {
  const quote = /^["']/.exec(line)?.[0];
  const isQuoted = quote !== undefined && line.length >= 2 && line.indexOf(quote, 1) === line.length - 1;
  return isQuoted ? line.slice(1, -1) : line;
}

function bare(comment: string): string {
  if (comment.startsWith(";")) return comment.replace(/^[; ]+/, "");
  return comment.startsWith("#") ? comment.replace(/^[# ]+/, "") : comment;
}
