import type { YamlValue } from "../value.ts";
import { ensureStyles, type Styles, stylesOf, valueAt, type WithStyles } from "./styles.ts";

/** Whether the text of a scalar differs from what its value would be written as. Of strings, only timestamps do. */
export function isOddlySpelled(value: YamlValue, written: string): boolean {
  if (written === "" || (typeof value === "object" && value !== null)) return false;
  if (typeof value !== "string") return String(value) !== written;
  return value !== written && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/.test(value);
}

/** How a member was written, where that differs from its value and the value is still the one that was read. */
export function spellingOf(parent: WithStyles, key: string | number): string | undefined {
  const found = stylesOf(parent)?.spellings?.get(String(key));
  return found !== undefined && found.value === valueAt(parent, key) ? found.text : undefined;
}

/** Notes how a member is written that was put in: its text where that differs from its value. */
export function noteSpelling(parent: WithStyles, key: string | number, text: string): void {
  const value = valueAt(parent, key);
  if (isOddlySpelled(value, text)) spellingsOf(parent).set(String(key), { value, text });
  else stylesOf(parent)?.spellings?.delete(String(key));
}

/** The spellings of the members of a map or a list, made where there are none. */
export function spellingsOf(parent: WithStyles): NonNullable<Styles["spellings"]> {
  const known = ensureStyles(parent);
  known.spellings ??= new Map();
  return known.spellings;
}
