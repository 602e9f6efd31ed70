/**
 * Tells whether a pattern of OpenSSH (`*` any characters, `?` one) fits a whole text. It goes back to the last star only,
 * so that it takes at most pattern times text steps. Source: match_pattern in match.c of openssh-portable.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let [at, from] = [0, 0];
  let star: { readonly after: number; readonly from: number } | undefined;
  while (from < text.length) {
    if (pattern[at] === "*") {
      star = { after: ++at, from };
    } else if (pattern[at] === "?" || (at < pattern.length && pattern[at] === text[from])) {
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
  while (pattern[at] === "*") at++;
  return at === pattern.length;
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
