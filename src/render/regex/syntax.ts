/** A regular expression as it was read. */
export type Node =
  /** One character for which the test holds. */
  | { readonly kind: "character"; readonly test: (point: number) => boolean }
  /** A place between characters: `before` and `after` are those around it, undefined at the ends. */
  | { readonly kind: "place"; readonly test: (before: number | undefined, after: number | undefined) => boolean }
  | { readonly kind: "sequence"; readonly parts: readonly Node[] }
  | { readonly kind: "choice"; readonly options: readonly Node[] }
  | { readonly kind: "repeat"; readonly part: Node; readonly least: number; readonly most: number };

/** A regular expression that cannot be read. */
export class RegexInvalid extends Error {
  constructor(message: string) {
    super(message);
    this.name = "RegexInvalid";
  }
}

/** As many repetitions as RE2 allows. */
const maxRepeat = 1000;
/** Groups within groups: more than this is no expression. */
const maxDepth = 100;

interface Flags {
  readonly ignoreCase: boolean;
  readonly lines: boolean;
  readonly dotAll: boolean;
}

interface Reader {
  readonly text: string;
  at: number;
  depth: number;
}

/**
 * Reads a regular expression in the syntax of Go (RE2), which has no backreferences and no lookaround.
 * Throws `RegexInvalid`. Source: https://github.com/google/re2/wiki/Syntax.
 */
export function parseRegex(pattern: string): Node {
  const reader = { text: pattern, at: 0, depth: 0 };
  const node = choice(reader, { ignoreCase: false, lines: false, dotAll: false });
  if (reader.at < pattern.length) throw new RegexInvalid("unexpected )");
  return node;
}

function choice(reader: Reader, outer: Flags): Node {
  const options: Node[] = [];
  let parts: Node[] = [];
  let flags = outer;
  while (reader.at < reader.text.length && reader.text[reader.at] !== ")") {
    if (take(reader, /\|/y) !== undefined) {
      options.push(sequence(parts));
      parts = [];
      continue;
    }
    const set = take(reader, /\(\?([imsU]*)(?:-([imsU]+))?\)/y);
    if (set !== undefined) flags = withFlags(flags, set[1], set[2]);
    else parts.push(repeated(reader, atom(reader, flags)));
  }
  options.push(sequence(parts));
  return options.length === 1 ? sequence(parts) : { kind: "choice", options };
}

const sequence = (parts: readonly Node[]): Node => ({ kind: "sequence", parts });

function withFlags(flags: Flags, on = "", off = ""): Flags {
  const flag = (letter: string, now: boolean) => (on.includes(letter) || now) && !off.includes(letter);
  return { ignoreCase: flag("i", flags.ignoreCase), lines: flag("m", flags.lines), dotAll: flag("s", flags.dotAll) };
}

function repeated(reader: Reader, part: Node): Node {
  const found = take(reader, /(?:[*+?]|\{(\d+)(,(\d*))?\})\??/y);
  if (found === undefined) return part;
  const [sign = "", from, range, to] = found;
  if (/^(?:[*+?]|\{\d+(?:,\d*)?\})/.test(reader.text.slice(reader.at, reader.at + 12))) {
    throw new RegexInvalid(`invalid nested repetition operator: ${sign}${reader.text[reader.at]}`);
  }
  if (from === undefined) {
    const least = sign.startsWith("+") ? 1 : 0;
    return { kind: "repeat", part, least, most: sign.startsWith("?") ? 1 : Number.POSITIVE_INFINITY };
  }
  const least = Number(from);
  const most = range === undefined ? least : to === "" || to === undefined ? Number.POSITIVE_INFINITY : Number(to);
  const largest = most === Number.POSITIVE_INFINITY ? least : most;
  if (largest > maxRepeat || most < least) throw new RegexInvalid(`invalid repeat count: ${sign}`);
  return { kind: "repeat", part, least, most };
}

function atom(reader: Reader, flags: Flags): Node {
  const group = take(reader, /\((?:\?(?:P?<\w+>|([imsU]*)(?:-([imsU]+))?:))?/y);
  if (group !== undefined) return grouped(reader, withFlags(flags, group[1], group[2]));
  const place = take(reader, /\^|\$|\\[AzbB]/y)?.[0];
  if (place !== undefined) return { kind: "place", test: placeTest(place, flags) };
  if (take(reader, /\./y) !== undefined) return characters((point) => flags.dotAll || point !== 10);
  if (reader.text[reader.at] === "[") return characters(withCase(characterClass(reader), flags));
  const perl = escapedClass(reader);
  if (perl !== undefined) return characters(withCase(perl, flags));
  const quoted = take(reader, /\\Q(.*?)(?:\\E|$)/sy)?.[1];
  if (quoted !== undefined) return sequence([...quoted].map((one) => literal(one.codePointAt(0) ?? 0, flags)));
  const dangling = take(reader, /[*+?]/y)?.[0];
  if (dangling !== undefined) throw new RegexInvalid(`missing argument to repetition operator: ${dangling}`);
  return literal(escapedPoint(reader), flags);
}

function grouped(reader: Reader, flags: Flags): Node {
  if (++reader.depth > maxDepth) throw new RegexInvalid("groups are nested too deeply");
  if (reader.text[reader.at] === "?") throw new RegexInvalid("invalid or unsupported Perl syntax: (?");
  const inner = choice(reader, flags);
  if (take(reader, /\)/y) === undefined) throw new RegexInvalid("missing closing )");
  reader.depth--;
  return inner;
}

const characters = (test: (point: number) => boolean): Node => ({ kind: "character", test });

function literal(point: number, flags: Flags): Node {
  return characters(withCase((other) => other === point, flags));
}

function withCase(test: (point: number) => boolean, { ignoreCase }: Flags): (point: number) => boolean {
  if (!ignoreCase) return test;
  const forms = (point: number) => {
    const text = String.fromCodePoint(point);
    return [point, text.toLowerCase().codePointAt(0) ?? point, text.toUpperCase().codePointAt(0) ?? point];
  };
  return (point) => forms(point).some(test);
}

const isWord = (point: number | undefined) => point !== undefined && /\w/.test(String.fromCodePoint(point));

function placeTest(sign: string, { lines }: Flags): (before?: number, after?: number) => boolean {
  if (sign === "^") return (before) => before === undefined || (lines && before === 10);
  if (sign === "$") return (_, after) => after === undefined || (lines && after === 10);
  if (sign === "\\A") return (before) => before === undefined;
  if (sign === "\\z") return (_, after) => after === undefined;
  return (before, after) => (isWord(before) !== isWord(after)) === (sign === "\\b");
}

const ascii: Readonly<Record<string, string>> = {
  ...{
    alnum: "0-9A-Za-z",
    alpha: "A-Za-z",
    ascii: "\\x00-\\x7F",
    blank: "\\t ",
    cntrl: "\\x00-\\x1F\\x7F",
    digit: "0-9",
  },
  ...{ graph: "!-~", lower: "a-z", print: " -~", punct: "!-\\/:-@[-`{-~", space: "\\t\\n\\v\\f\\r ", upper: "A-Z" },
  ...{ word: "0-9A-Za-z_", xdigit: "0-9A-Fa-f" },
};

/** `\d`, `\pL`, `\p{Greek}` and their opposites; undefined where none stands here. */
function escapedClass(reader: Reader): ((point: number) => boolean) | undefined {
  const found = take(reader, /\\(?:([dDsSwW])|([pP])(?:\{(\^?)(\w+)\}|(\w)))/y);
  if (found === undefined) return undefined;
  const [, perl, unicode, negated = "", name, letter] = found;
  if (perl !== undefined) {
    const body = { d: "0-9", s: "\\t\\n\\f\\r ", w: "0-9A-Za-z_" }[perl.toLowerCase()] ?? "";
    return tester(new RegExp(`[${perl === perl.toLowerCase() ? "" : "^"}${body}]`, "u"));
  }
  try {
    return tester(unicodeClass(name ?? letter ?? "", (unicode === "P") !== (negated === "^")));
  } catch {
    throw new RegexInvalid(`invalid character class range: ${found[0]}`);
  }
}

function unicodeClass(name: string, negated: boolean): RegExp {
  const property = name.length <= 2 ? name : `Script=${name}`;
  return new RegExp(`\\${negated ? "P" : "p"}{${property}}`, "u");
}

/** One character at a time, so that a native expression takes no time to speak of. */
function tester(regex: RegExp): (point: number) => boolean {
  return (point) => regex.test(String.fromCodePoint(point));
}

function characterClass(reader: Reader): (point: number) => boolean {
  const negated = take(reader, /\[\^/y) !== undefined;
  if (!negated) reader.at++;
  const tests: ((point: number) => boolean)[] = [];
  for (let first = true; first || reader.text[reader.at] !== "]"; first = false) {
    if (reader.at >= reader.text.length) throw new RegexInvalid("missing closing ]");
    tests.push(namedClass(reader) ?? escapedClass(reader) ?? range(reader));
  }
  reader.at++;
  return (point) => tests.some((test) => test(point)) !== negated;
}

function namedClass(reader: Reader): ((point: number) => boolean) | undefined {
  const found = take(reader, /\[:(\^?)(\w+):\]/y);
  if (found === undefined) return undefined;
  const [whole, negated, name = ""] = found;
  if (!Object.hasOwn(ascii, name)) throw new RegexInvalid(`invalid character class range: ${whole}`);
  return tester(new RegExp(`[${negated}${ascii[name]}]`, "u"));
}

function range(reader: Reader): (point: number) => boolean {
  const from = escapedPoint(reader);
  if (reader.text[reader.at] !== "-" || reader.text[reader.at + 1] === "]") return (point) => point === from;
  reader.at++;
  const to = escapedPoint(reader);
  if (to < from) throw new RegexInvalid("invalid character class range");
  return (point) => point >= from && point <= to;
}

const controls: Readonly<Record<string, number>> = { a: 7, f: 12, n: 10, r: 13, t: 9, v: 11 };

/** A character, written as itself or with a backslash. */
function escapedPoint(reader: Reader): number {
  const hex = take(reader, /\\x(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))/y);
  if (hex !== undefined) return Number.parseInt(hex[1] ?? hex[2] ?? "0", 16);
  const octal = take(reader, /\\([0-7]{2,3}|0)/y)?.[1];
  if (octal !== undefined) return Number.parseInt(octal, 8);
  const escaped = take(reader, /\\(.)/suy)?.[1];
  if (escaped !== undefined) {
    const control = Object.hasOwn(controls, escaped) ? controls[escaped] : undefined;
    if (control !== undefined) return control;
    if (/[A-Za-z0-9]/.test(escaped)) throw new RegexInvalid(`invalid escape sequence: \\${escaped}`);
    return escaped.codePointAt(0) ?? 0;
  }
  const point = reader.text.codePointAt(reader.at);
  const character = point === undefined ? "" : String.fromCodePoint(point);
  if (point === undefined || character === "\\") throw new RegexInvalid("trailing backslash at end of expression");
  reader.at += character.length;
  return point;
}

function take(reader: Reader, pattern: RegExp): RegExpExecArray | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.text);
  if (found === null) return undefined;
  reader.at += found[0].length;
  return found;
}
