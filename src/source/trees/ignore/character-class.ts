/** A class such as `[a-z]` that was read: what it takes, and where the pattern goes on after it. */
export interface CharacterClass {
  readonly takes: (character: string) => boolean;
  readonly end: number;
}

/** The classes of POSIX as git knows them, of ASCII only. */
const posixClasses: ReadonlyMap<string, RegExp> = new Map([
  ["alnum", /^[A-Za-z0-9]$/],
  ["alpha", /^[A-Za-z]$/],
  ["blank", /^[ \t]$/],
  ["cntrl", /^[^ -~\u0080-\u{10ffff}]$/u],
  ["digit", /^[0-9]$/],
  ["graph", /^[!-~]$/],
  ["lower", /^[a-z]$/],
  ["print", /^[ -~]$/],
  ["punct", /^[!-/:-@[-`{-~]$/],
  ["space", /^[ \t\n\r]$/],
  ["upper", /^[A-Z]$/],
  ["xdigit", /^[A-Fa-f0-9]$/],
]);

/** One member of a class, where to read on, and what a range after it would begin with. */
interface Member extends CharacterClass {
  readonly first?: string;
}

/**
 * Reads a class whose `[` is right before `start`; undefined where it is malformed, as then git matches nothing at all.
 * Source: the case of `[` in wildmatch.c of git.
 */
export function readClass(pattern: readonly string[], start: number): CharacterClass | undefined {
  const negated = pattern[start] === "!" || pattern[start] === "^";
  const members: ((character: string) => boolean)[] = [];
  let at = negated ? start + 1 : start;
  let before: string | undefined;
  do {
    const member = readMember(pattern, at, before);
    if (member === undefined) return undefined;
    members.push(member.takes);
    at = member.end;
    before = member.first;
  } while (pattern[at] !== "]");
  return { takes: (character) => members.some((takes) => takes(character)) !== negated, end: at + 1 };
}

function readMember(pattern: readonly string[], at: number, before: string | undefined): Member | undefined {
  const next = pattern[at + 1];
  if (pattern[at] === "-" && before !== undefined && next !== undefined && next !== "]") {
    return readRange(pattern, at + 1, before);
  }
  return pattern[at] === "[" && next === ":" ? readPosix(pattern, at) : readOne(pattern, at);
}

function readRange(pattern: readonly string[], at: number, before: string): Member | undefined {
  const last = readOne(pattern, at);
  if (last === undefined) return undefined;
  const [low, high] = [codeOf(before), codeOf(last.first)];
  return { takes: (character) => codeOf(character) >= low && codeOf(character) <= high, end: last.end };
}

function readPosix(pattern: readonly string[], at: number): Member | undefined {
  const close = pattern.indexOf("]", at + 2);
  if (close === -1) return undefined;
  if (close === at + 2 || pattern[close - 1] !== ":") return readOne(pattern, at);
  const expression = posixClasses.get(pattern.slice(at + 2, close - 1).join(""));
  return expression && { takes: (character) => expression.test(character), end: close + 1 };
}

function readOne(pattern: readonly string[], at: number): (Member & { readonly first: string }) | undefined {
  const place = pattern[at] === "\\" ? at + 1 : at;
  const first = pattern[place];
  if (first === undefined) return undefined;
  return { takes: (character) => character === first, end: place + 1, first };
}

function codeOf(character: string): number {
  return character.codePointAt(0) ?? 0;
}
