import type { Problem } from "../../../model/failure.ts";
import { isFlowMap, noteFlowMap } from "../new-map.ts";
import type { ScalarTag } from "../resolve/plain-tag.ts";
import { mayBeWord } from "../resolve/resolve.ts";
import { isNoTextToV2 } from "../resolve/words.ts";
import type { Cursor } from "../scan/cursor.ts";
import type { YamlMap, YamlValue } from "../value.ts";

/*
 * How scalars were written, as far as it shows in what kustomize prints. It works on the nodes of the text: `1.10` is
 * copied as the tag 1.10 and not 1.1, and a number that is patched over a text in quotes stays in those quotes. Both are
 * kept beside the values, by the map or list that holds them.
 */
const styles: unique symbol = Symbol("looks");

/** Each is made only where there is something to note: most maps and lists have nothing, and few have more than one. */
interface Styles {
  /** The texts of scalars that read otherwise than they look: `1.10`, `0x10`, `True`, `2001-01-01`. */
  spellings: Map<string, { readonly value: YamlValue; readonly text: string }> | undefined;
  /** The members that stand in quotes or in a block; that outlives their value. */
  quoted: Set<string> | undefined;
  /** The members that stand in a folded block, which outlives their value too; see `emit/refold.ts`. */
  folded: Set<string> | undefined;
  /** The texts that kustomize has put in without saying that they are texts: what replaces them is what it looks like. */
  untyped: Set<string> | undefined;
  /** The numbers that count as fractions although they are whole: the last text of a field that held a fraction. */
  fractions: Set<string> | undefined;
  /** The keys that kustomize has put in without saying that they are texts, and that do not look like any. */
  untypedKeys: Set<string> | undefined;
  /** The keys that were there twice; the first of each was taken. */
  duplicates: Map<string, Duplicate> | undefined;
  /** The texts that do not fit the type of the field they were put into. */
  misfits: Map<string, { readonly value: YamlValue; readonly tag: ScalarTag }> | undefined;
}

/** A key that is there twice: the text of the last, and what is wrong, for whoever tells it. */
export interface Duplicate {
  readonly text: string;
  readonly problem: () => Problem;
}

type Parent = YamlMap | YamlValue[];
type WithStyles = Parent & { [styles]?: Styles };

/** The lists that stand in brackets, where scalars are written otherwise than in a block; maps know it themselves. */
const flows = new WeakSet<Parent>();

/** Notes that a map or a list stands in braces or brackets, or that it does not. */
export function noteFlow(parent: Parent, isFlow: boolean): void {
  if (noteFlowMap(parent, isFlow)) return;
  if (isFlow) flows.add(parent);
  else flows.delete(parent);
}

/** Whether a map or a list stands in braces or brackets. */
export const inFlow = (parent: Parent): boolean =>
  Array.isArray(parent) ? flows.has(parent) : isFlowMap(parent) || flows.has(parent);

/** Whether anything is noted about the members of a map or a list. */
export const hasStyles = (parent: WithStyles): boolean => parent[styles] !== undefined;

/** Whether there is nothing to note about the scalar, map or list that was read last. */
export const looksPlain = (cursor: Cursor, value: YamlValue): boolean =>
  cursor.written === undefined ||
  (typeof value === "string" ? !cursor.quoted && value === cursor.written : !isOddlySpelled(value, cursor.written));

/** Notes how the scalar was written that was read last, and is now a member of a map or a list. */
export function noteStyle(cursor: Cursor, parent: WithStyles, key: string | number): void {
  const { written, dialect } = cursor;
  const value = valueAt(parent, key);
  if (written === undefined || dialect === "v2") return;
  if (cursor.quoted && typeof value === "string") {
    mark(parent, "quoted", key);
    if (cursor.folded) mark(parent, "folded", key);
  }
  if (isOddlySpelled(value, written)) spellingsOf(parent).set(String(key), { value, text: written });
}

/** Whether the text of a scalar differs from what its value would be written as. Of texts, only points in time do. */
function isOddlySpelled(value: YamlValue, written: string): boolean {
  if (written === "" || (typeof value === "object" && value !== null)) return false;
  if (typeof value !== "string") return String(value) !== written;
  return value !== written && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value);
}

/** How a member was written, where that differs from its value and the value is still the one that was read. */
export function spellingOf(parent: WithStyles, key: string | number): string | undefined {
  const found = parent[styles]?.spellings?.get(String(key));
  return found !== undefined && found.value === valueAt(parent, key) ? found.text : undefined;
}

/** Whether a member was written in quotes or in a block. */
export const isQuoted = (parent: WithStyles, key: string | number): boolean =>
  parent[styles]?.quoted?.has(String(key)) === true;

/** Notes that a member stands in quotes, as kustomize writes it. */
export function noteQuoted(parent: WithStyles, key: string | number): void {
  mark(parent, "quoted", key);
}

/** Notes that a member stands plainly, without quotes and in no block, as kustomize writes it. */
export function notePlain(parent: WithStyles, key: string | number): void {
  parent[styles]?.quoted?.delete(String(key));
  parent[styles]?.folded?.delete(String(key));
}

/** The members of a map or a list that stand in a folded block. */
export const foldedMembers = (parent: WithStyles): ReadonlySet<string> => parent[styles]?.folded ?? none;

/** The keys of a map that kustomize has put in as what they look like, where that is no text. */
export const untypedKeys = (parent: WithStyles): ReadonlySet<string> => parent[styles]?.untypedKeys ?? none;

const none: ReadonlySet<string> = new Set();

/** The keys that a map had twice when it was read. */
export const duplicateKeys = (parent: WithStyles): ReadonlyMap<string, Duplicate> =>
  parent[styles]?.duplicates ?? nothing;

const nothing: ReadonlyMap<string, Duplicate> = new Map();

/** Notes that a key is there twice. */
export function noteDuplicate(parent: WithStyles, key: string, found: Duplicate): void {
  const known = looksOf(parent);
  known.duplicates ??= new Map();
  known.duplicates.set(key, found);
}

/** The type of the field that a text does not fit, while it is still there. */
export function misfitTag(parent: WithStyles, key: string | number): ScalarTag | undefined {
  const found = parent[styles]?.misfits?.get(String(key));
  return found !== undefined && found.value === valueAt(parent, key) ? found.tag : undefined;
}

/** The members of a map or a list that may hold a text that does not fit. */
export const misfitMembers = (parent: WithStyles): Iterable<string> => parent[styles]?.misfits?.keys() ?? none;

/** Notes that the text that is there now does not fit the field, which is of that type. */
export function noteMisfit(parent: WithStyles, key: string | number, tag: ScalarTag): void {
  const known = looksOf(parent);
  known.misfits ??= new Map();
  known.misfits.set(String(key), { value: valueAt(parent, key), tag });
}

/** Notes that a key was put in as what it looks like. */
export function noteUntypedKey(parent: WithStyles, key: string): void {
  mark(parent, "untypedKeys", key);
}

/**
 * Puts a member that stands plainly in quotes where it is a text, or has no type, and is no text to YAML 1.1, as `on`: so
 * kustomize does whenever it merges.
 */
export function quoteWhereNoText(parent: YamlMap & WithStyles, key: string): void {
  const value = parent[key] ?? null;
  if (typeof value === "string" && !mayBeNoText(value.charCodeAt(0))) return;
  const text = isUntyped(parent, key) ? plainText(parent, key, value) : value;
  if (typeof text !== "string" || text === "" || text.includes("\n") || !isNoTextToV2(text)) return;
  if (isQuoted(parent, key) || misfitTag(parent, key) !== undefined) return;
  parent[key] = text;
  parent[styles]?.untyped?.delete(key);
  noteQuoted(parent, key);
}

/** Most texts are told from numbers and words by their first character. */
const mayBeNoText = (code: number): boolean => (code >= 0x30 && code <= 0x39) || mayBeWord(code);

const plainText = (parent: Parent, key: string, value: YamlValue): string | undefined =>
  typeof value === "object" && value !== null ? undefined : (spellingOf(parent, key) ?? String(value ?? ""));

/** Notes how a member is written that was put in: its text where that differs from its value. */
export function noteSpelling(parent: WithStyles, key: string | number, text: string): void {
  const value = valueAt(parent, key);
  if (isOddlySpelled(value, text)) spellingsOf(parent).set(String(key), { value, text });
  else parent[styles]?.spellings?.delete(String(key));
}

/** Whether a number counts as a fraction although it is whole. */
export const isFraction = (parent: WithStyles, key: string | number): boolean =>
  parent[styles]?.fractions?.has(String(key)) === true;

/** Notes that a number counts as a fraction. */
export function noteFraction(parent: WithStyles, key: string | number): void {
  mark(parent, "fractions", key);
}

/** Whether a member is a text only because it looks like one. */
export const isUntyped = (parent: WithStyles, key: string | number): boolean =>
  parent[styles]?.untyped?.has(String(key)) === true;

/** The members that are what they look like. */
export const untypedMembers = (parent: WithStyles): ReadonlySet<string> => parent[styles]?.untyped ?? none;

/** Notes that a member is a text only because it looks like one. */
export function noteUntyped(parent: WithStyles, key: string | number): void {
  mark(parent, "untyped", key);
}

/** Gives a member the spelling that it has in another map and, where it is new, its quotes. */
export function inheritStyle(to: WithStyles, key: string, from: WithStyles, isNew: boolean): void {
  const spelling = from[styles]?.spellings?.get(key);
  if (spelling !== undefined) spellingsOf(to).set(key, spelling);
  else to[styles]?.spellings?.delete(key);
  to[styles]?.untyped?.delete(key);
  to[styles]?.fractions?.delete(key);
  to[styles]?.misfits?.delete(key);
  if (!isNew) return;
  notePlain(to, key);
  if (isQuoted(from, key)) noteQuoted(to, key);
  if (foldedMembers(from).has(key)) mark(to, "folded", key);
}

/** Gives a copy of a map or a list the looks of the original. */
export function copyStyles(to: WithStyles, from: WithStyles): void {
  const known = from[styles];
  if (inFlow(from)) noteFlow(to, true);
  if (known === undefined) return;
  setLooks(to, {
    spellings: known.spellings && new Map(known.spellings),
    quoted: known.quoted && new Set(known.quoted),
    folded: known.folded && new Set(known.folded),
    untyped: known.untyped && new Set(known.untyped),
    fractions: known.fractions && new Set(known.fractions),
    untypedKeys: known.untypedKeys && new Set(known.untypedKeys),
    duplicates: known.duplicates && new Map(known.duplicates),
    misfits: known.misfits && new Map(known.misfits),
  });
}

function looksOf(parent: WithStyles): Styles {
  return parent[styles] ?? setLooks(parent, noLooks());
}

const noLooks = (): Styles => ({
  spellings: undefined,
  quoted: undefined,
  folded: undefined,
  untyped: undefined,
  fractions: undefined,
  untypedKeys: undefined,
  duplicates: undefined,
  misfits: undefined,
});

type Marks = "quoted" | "folded" | "untyped" | "fractions" | "untypedKeys";

function mark(parent: WithStyles, kind: Marks, key: string | number): void {
  const known = looksOf(parent);
  known[kind] ??= new Set();
  known[kind].add(String(key));
}

function spellingsOf(parent: WithStyles): NonNullable<Styles["spellings"]> {
  const known = looksOf(parent);
  known.spellings ??= new Map();
  return known.spellings;
}

/** Beside the data, for whoever goes through it. */
function setLooks(parent: WithStyles, value: Styles): Styles {
  Object.defineProperty(parent, styles, { value, enumerable: false });
  return value;
}

function valueAt(parent: Parent, key: string | number): YamlValue {
  return (Array.isArray(parent) ? parent[Number(key)] : parent[key]) ?? null;
}
