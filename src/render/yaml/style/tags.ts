import type { ScalarTag } from "../resolve/plain-tag.ts";
import { ensureStyles, isMarked, mark, marked, stylesOf, valueAt, type WithStyles } from "./styles.ts";

/*
 * Where kustomize's nodes carry a tag that their value does not have, or none: a string without a tag, a whole number that
 * is a float, a string in a field of another type.
 */

/** Whether a member has no tag: it is a string only because its text reads as one. */
export const isUntyped = (parent: WithStyles, key: string | number): boolean => isMarked(parent, "untyped", key);

/** The members without a tag. */
export const untypedMembers = (parent: WithStyles): ReadonlySet<string> => marked(parent, "untyped");

/** Notes that a member has no tag. */
export function noteUntyped(parent: WithStyles, key: string | number): void {
  mark(parent, "untyped", key);
}

/** The keys of a map that kustomize has put in without a tag, and that do not read as strings. */
export const untypedKeys = (parent: WithStyles): ReadonlySet<string> => marked(parent, "untypedKeys");

/** Notes that a key was put in without a tag. */
export function noteUntypedKey(parent: WithStyles, key: string): void {
  mark(parent, "untypedKeys", key);
}

/** Whether a number counts as a float although it is whole. */
export const isFraction = (parent: WithStyles, key: string | number): boolean => isMarked(parent, "fractions", key);

/** Notes that a number counts as a float. */
export function noteFraction(parent: WithStyles, key: string | number): void {
  mark(parent, "fractions", key);
}

/** The type of the field that a string does not fit, while it is still there. */
export function misfitTag(parent: WithStyles, key: string | number): ScalarTag | undefined {
  const found = stylesOf(parent)?.misfits?.get(String(key));
  return found !== undefined && found.value === valueAt(parent, key) ? found.tag : undefined;
}

/** The members of a map or a list that may hold a string that does not fit. */
export const misfitMembers = (parent: WithStyles): Iterable<string> => stylesOf(parent)?.misfits?.keys() ?? [];

/** Notes that the string that is there now does not fit the field, which is of that type. */
export function noteMisfit(parent: WithStyles, key: string | number, tag: ScalarTag): void {
  const known = ensureStyles(parent);
  known.misfits ??= new Map();
  known.misfits.set(String(key), { value: valueAt(parent, key), tag });
}
