import { isMarked, mark, marked, stylesOf, type WithStyles } from "./styles.ts";

/** Whether a member was written in quotes or in a block scalar. */
export const isQuoted = (parent: WithStyles, key: string | number): boolean => isMarked(parent, "quoted", key);

/** Notes that a member is in quotes, as kustomize writes it. */
export function noteQuoted(parent: WithStyles, key: string | number): void {
  mark(parent, "quoted", key);
}

/** Notes that a member is in a folded block scalar. */
export function noteFolded(parent: WithStyles, key: string | number): void {
  mark(parent, "folded", key);
}

/** Notes that a member is a plain scalar, without quotes and in no block, as kustomize writes it. */
export function notePlain(parent: WithStyles, key: string | number): void {
  stylesOf(parent)?.quoted?.delete(String(key));
  stylesOf(parent)?.folded?.delete(String(key));
}

/** The members of a map or a list in a folded block scalar. */
export const foldedMembers = (parent: WithStyles): ReadonlySet<string> => marked(parent, "folded");
