/** Tells whether a text holds these words in this order, whatever stands between them: one look at the text, however long. */
export function holdsInOrder(text: string, ...words: readonly string[]): boolean {
  let from = 0;
  for (const word of words) {
    const at = text.indexOf(word, from);
    if (at < 0) return false;
    from = at + word.length;
  }
  return true;
}
