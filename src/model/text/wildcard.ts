/** One piece of a wildcard: any characters, or one character that it takes. */
export type Piece = "any" | ((character: string) => boolean);

/**
 * Tells whether pieces fit a whole text, given as its characters. It goes back to the last star only, so that it takes at
 * most pieces times characters steps; `spend` is told how many it took. Source: match_pattern in match.c of openssh-portable.
 */
export function matchesPieces(
  pieces: readonly Piece[],
  text: readonly string[],
  spend?: (steps: number) => void,
): boolean {
  let [at, from, steps] = [0, 0, 1];
  let star: { readonly after: number; readonly from: number } | undefined;
  const fits = (): boolean => {
    for (let character = text[from]; character !== undefined; character = text[from]) {
      const piece = pieces[at];
      steps++;
      if (piece === "any") {
        star = { after: ++at, from };
      } else if (piece?.(character) === true) {
        at++;
        from++;
      } else if (star === undefined) {
        return false;
      } else {
        star = { after: star.after, from: star.from + 1 };
        at = star.after;
        from = star.from;
      }
    }
    return pieces.slice(at).every((piece) => piece === "any");
  };
  const result = fits();
  spend?.(steps);
  return result;
}

/** Tells whether a pattern of OpenSSH (`*` any characters, `?` one) fits a whole text, in as few steps. */
export function matchesWildcard(pattern: string, text: string): boolean {
  return matchesPieces([...pattern].map(pieceOf), [...text]);
}

function pieceOf(character: string): Piece {
  if (character === "*") return "any";
  return character === "?" ? () => true : (other) => other === character;
}

/**
 * Tells whether a comma-separated list of such patterns names a text: one of them fits, and none with a `!` before it.
 * Source: match_pattern_list in match.c of openssh-portable.
 */
export function matchesWildcardList(list: string, text: string): boolean {
  const patterns = list.split(",");
  if (patterns.some((pattern) => pattern.startsWith("!") && matchesWildcard(pattern.slice(1), text))) return false;
  return patterns.some((pattern) => !pattern.startsWith("!") && matchesWildcard(pattern, text));
}
