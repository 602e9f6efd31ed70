import { editDistance } from "../../model/text/edit-distance.ts";

/** The name most like a word, in any letter case; undefined where none is near enough to be what was meant. */
export function closest(word: string, names: readonly string[]): string | undefined {
  const wanted = word.toLowerCase();
  if (wanted.length > 60) return undefined;
  let best: string | undefined;
  let least = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const name of names) {
    const distance = editDistance(wanted, name.toLowerCase());
    if (distance < least) {
      least = distance;
      best = name;
    }
  }
  return best;
}
