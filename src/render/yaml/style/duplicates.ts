import { type Duplicate, ensureStyles, stylesOf, type WithStyles } from "./styles.ts";

/** The keys that a map had twice when it was read. */
export const duplicateKeys = (parent: WithStyles): ReadonlyMap<string, Duplicate> =>
  stylesOf(parent)?.duplicates ?? none;

const none: ReadonlyMap<string, Duplicate> = new Map();

/** Notes that a key is defined twice. */
export function noteDuplicate(parent: WithStyles, key: string, found: Duplicate): void {
  const known = ensureStyles(parent);
  known.duplicates ??= new Map();
  known.duplicates.set(key, found);
}
