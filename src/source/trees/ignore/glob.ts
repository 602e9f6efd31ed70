import { matchesPieces, type Piece } from "../../../model/text/wildcard.ts";
import { readClass } from "./character-class.ts";

/** Called with the steps taken; throws over budget. */
export type Spend = (steps: number) => void;

/** A compiled pattern: whether it matches a whole path. */
export type Glob = (path: string, spend: Spend) => boolean;

/** Between two slashes: pieces that fit one name, or `**`, which takes any number of names from `least` on. */
type Part = readonly Piece[] | { readonly least: 0 | 1 };

interface Parts {
  readonly parts: readonly Part[];
  /** What every path that fits ends with. */
  readonly tail: string;
}

/**
 * Reads a pattern of `.gitignore`, without what negates and anchors it. It fits in steps of at most its own length times
 * the path's; characters are those of Unicode, where git takes bytes. What is malformed fits nothing, as with git.
 * Source: wildmatch.c of git, and match_pathname of its dir.c, from which `a**` + `/b` takes more than gitignore(5) says.
 */
export function readGlob(pattern: string): Glob {
  const special = pattern.search(/[*?[\\]/);
  if (special === -1) {
    return (path, spend) => {
      spend(1);
      return path === pattern;
    };
  }
  const literal = pattern.slice(0, special);
  const read = readParts([...pattern.slice(special)]);
  if (read === undefined) return () => false;
  return (path, spend) => {
    spend(1);
    if (!path.startsWith(literal) || !path.endsWith(read.tail)) return false;
    const rest = path.slice(literal.length);
    spend(rest.length);
    const names = rest.split("/").map((name) => [...name]);
    return matchesParts(read.parts, names, spend);
  };
}

function readParts(pattern: readonly string[]): Parts | undefined {
  const parts: Part[] = [];
  let pieces: Piece[] = [];
  let tail = "";
  for (let at = 0; at < pattern.length; ) {
    const crossing = readCrossing(pattern, at);
    if (crossing !== undefined) {
      parts.push({ least: crossing.least });
      tail = "";
      at = crossing.end;
      if (crossing.last) return { parts, tail };
      continue;
    }
    const token = readToken(pattern, at);
    if (token === undefined) return undefined;
    tail = token.literal === undefined ? "" : tail + token.literal;
    at = token.end;
    if (token.piece !== undefined) {
      pieces.push(token.piece);
    } else {
      parts.push(pieces);
      pieces = [];
    }
  }
  return { parts: [...parts, pieces], tail };
}

/** A `**` that stands alone between slashes; where the slash after it is escaped, git wants a name before that. */
function readCrossing(pattern: readonly string[], at: number) {
  if (pattern[at] !== "*" || pattern[at + 1] !== "*" || (at > 0 && pattern[at - 1] !== "/")) return undefined;
  const end = afterStars(pattern, at);
  if (end === pattern.length) return { least: at === 0 ? 0 : 1, end, last: true } as const;
  if (pattern[end] === "/") return { least: 0, end: end + 1, last: false } as const;
  const escaped = pattern[end] === "\\" && pattern[end + 1] === "/";
  return escaped ? ({ least: 1, end: end + 2, last: false } as const) : undefined;
}

interface Token {
  /** Undefined for a slash. */
  readonly piece?: Piece;
  readonly literal?: string;
  readonly end: number;
}

function readToken(pattern: readonly string[], at: number): Token | undefined {
  switch (pattern[at]) {
    case "*":
      return { piece: "any", end: afterStars(pattern, at) };
    case "?":
      return { piece: () => true, end: at + 1 };
    case "[": {
      const read = readClass(pattern, at + 1);
      return read && { piece: read.takes, end: read.end };
    }
    case "\\":
      return literalToken(pattern[at + 1], at + 2);
    default:
      return literalToken(pattern[at], at + 1);
  }
}

function literalToken(literal: string | undefined, end: number): Token | undefined {
  if (literal === undefined) return undefined;
  return literal === "/" ? { literal, end } : { piece: (character) => character === literal, literal, end };
}

function afterStars(pattern: readonly string[], at: number): number {
  let end = at;
  while (pattern[end] === "*") end++;
  return end;
}

/** Goes back to the last `**` only, and so compares each part with each name at most once. */
function matchesParts(parts: readonly Part[], names: readonly (readonly string[])[], spend: Spend): boolean {
  let [at, from] = [0, 0];
  let crossing: { readonly after: number; readonly from: number } | undefined;
  while (at < parts.length || from < names.length) {
    spend(1);
    const [part, name] = [parts[at], names[from]];
    if (part !== undefined && "least" in part) {
      from += part.least;
      crossing = { after: ++at, from };
      if (from > names.length) return false;
    } else if (part !== undefined && name !== undefined && matchesPieces(part, name, spend)) {
      at++;
      from++;
    } else if (crossing === undefined || crossing.from >= names.length) {
      return false;
    } else {
      crossing = { after: crossing.after, from: crossing.from + 1 };
      at = crossing.after;
      from = crossing.from;
    }
  }
  return true;
}
