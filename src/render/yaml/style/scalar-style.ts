import { mayBeWord } from "../resolve/resolve.ts";
import { isNoTextToV2 } from "../resolve/words.ts";
import type { Cursor } from "../scan/cursor.ts";
import type { YamlMap, YamlValue } from "../value.ts";
import { inFlow, noteFlow } from "./flow.ts";
import { foldedMembers, isQuoted, noteFolded, notePlain, noteQuoted } from "./quotes.ts";
import { isOddlySpelled, spellingOf, spellingsOf } from "./spelling.ts";
import { copyMemberStyles, type Parent, stylesOf, valueAt, type WithStyles } from "./styles.ts";
import { isUntyped, misfitTag } from "./tags.ts";

/** Whether there is no style to note of the scalar, map or list that was read last. */
export const hasNoStyle = (cursor: Cursor, value: YamlValue): boolean =>
  cursor.written === undefined ||
  (typeof value === "string" ? !cursor.quoted && value === cursor.written : !isOddlySpelled(value, cursor.written));

/** Notes the style of the scalar that was read last, and is now a member of a map or a list. */
export function noteStyle(cursor: Cursor, parent: WithStyles, key: string | number): void {
  const { written, dialect } = cursor;
  const value = valueAt(parent, key);
  if (written === undefined || dialect === "v2") return;
  if (cursor.quoted && typeof value === "string") {
    noteQuoted(parent, key);
    if (cursor.folded) noteFolded(parent, key);
  }
  if (isOddlySpelled(value, written)) spellingsOf(parent).set(String(key), { value, text: written });
}

/** Gives a member the spelling that it has in another map and, where it is new, its quotes. */
export function inheritStyle(to: WithStyles, key: string, from: WithStyles, isNew: boolean): void {
  const spelling = stylesOf(from)?.spellings?.get(key);
  if (spelling !== undefined) spellingsOf(to).set(key, spelling);
  const known = stylesOf(to);
  if (spelling === undefined) known?.spellings?.delete(key);
  known?.untyped?.delete(key);
  known?.fractions?.delete(key);
  known?.misfits?.delete(key);
  if (!isNew) return;
  notePlain(to, key);
  if (isQuoted(from, key)) noteQuoted(to, key);
  if (foldedMembers(from).has(key)) noteFolded(to, key);
}

/** Gives a copy of a map or a list the style of the original, and of its members. */
export function copyStyles(to: WithStyles, from: WithStyles): void {
  if (inFlow(from)) noteFlow(to, true);
  copyMemberStyles(to, from);
}

/**
 * Quotes a plain member that is a string, or has no tag, and whose text is no string to YAML 1.1, as `on`: so kustomize does
 * whenever it merges.
 */
export function quoteWhereNoText(parent: YamlMap & WithStyles, key: string): void {
  const value = parent[key] ?? null;
  if (typeof value === "string" && !mayBeNoText(value.charCodeAt(0))) return;
  const text = isUntyped(parent, key) ? plainText(parent, key, value) : value;
  if (typeof text !== "string" || text === "" || text.includes("\n") || !isNoTextToV2(text)) return;
  if (isQuoted(parent, key) || misfitTag(parent, key) !== undefined) return;
  parent[key] = text;
  stylesOf(parent)?.untyped?.delete(key);
  noteQuoted(parent, key);
}

/** Most strings are told from numbers and words by their first character. */
const mayBeNoText = (code: number): boolean => (code >= 0x30 && code <= 0x39) || mayBeWord(code);

const plainText = (parent: Parent, key: string, value: YamlValue): string | undefined =>
  typeof value === "object" && value !== null ? undefined : (spellingOf(parent, key) ?? String(value ?? ""));
