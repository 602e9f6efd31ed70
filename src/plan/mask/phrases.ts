/** Bytes that a phrase has at least: by so many first ones they are looked up. */
export const shortestPhrase = 4;

/**
 * So much comparing may be done for one set of phrases. Honest ones need a hundredth: it takes many that begin alike, and a
 * text that begins like them over and over.
 */
const mostWork = 200_000;

/** Where a phrase is: from, and up to. */
export type Span = readonly [start: number, end: number];

/**
 * Phrases to look for in texts, both byte by byte (`latin1`): each place of a text is looked up once, however many phrases
 * there are. Phrases have four bytes or more.
 */
export class Phrases {
  readonly #byStart = new Map<number, string[]>();
  #left = mostWork;

  add(phrase: string): void {
    const start = startAt(phrase, 0);
    const alike = this.#byStart.get(start);
    if (alike === undefined) this.#byStart.set(start, [phrase]);
    else alike.push(phrase);
  }

  /** The longest phrase at each place of a text, in order; they may overlap. Undefined once that has cost too much work. */
  *spansIn(text: string): Generator<Span | undefined> {
    if (this.#byStart.size === 0) return;
    let start = startAt(text, -1);
    for (let at = 0; at + shortestPhrase <= text.length; at++) {
      start = (start << 8) | text.charCodeAt(at + shortestPhrase - 1);
      const alike = this.#byStart.get(start);
      if (alike === undefined) continue;
      const end = at + this.#longest(alike, text, at);
      if (this.#left < 0) yield undefined;
      else if (end > at) yield [at, end];
    }
  }

  #longest(alike: readonly string[], text: string, at: number): number {
    let longest = 0;
    for (const phrase of alike) {
      this.#left -= 1 + phrase.length / 32;
      if (this.#left < 0) return 0;
      if (phrase.length > longest && text.startsWith(phrase, at)) longest = phrase.length;
    }
    return longest;
  }
}

/** The four bytes at a place as one number; those before the text are naught. */
function startAt(text: string, at: number): number {
  let start = 0;
  for (let index = at; index < at + shortestPhrase; index++) {
    start = (start << 8) | (index < 0 ? 0 : text.charCodeAt(index));
  }
  return start;
}
