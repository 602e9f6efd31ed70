import { Phrases, type Span, shortestPhrase } from "./phrases.ts";

/** What stands for a value that is hidden in a line. */
const mask = "***";

/** A value of fewer characters is too common to be masked: a line that holds it as a word is left out. */
const shortest = shortestPhrase;

/** Characters of a line that is looked through; nobody reads longer ones. */
const longestLine = 16_384;

/** Characters of all values: what is more is not looked for, and no line shown. */
const longestValues = 4_194_304;

/** A line as it may be shown, or undefined where it had better not be. */
export type LineMask = (line: string) => string | undefined;

/**
 * Makes a mask for lines of foreign text, such as a log, that may quote values of Secrets: each is replaced, plain or in
 * base64. A line that holds one in another disguise (escaped, in hexadecimal, inside of something longer in base64) is
 * left out whole. So is what takes too much work, whoever wants that: lines of more than 16,384 characters, all lines
 * where the values have more than four million, and those after a few hundred thousand comparisons. Made in steps, one per
 * value, since there may be very many.
 */
export function* lineMaskSteps(values: Iterable<string>): Generator<undefined, LineMask> {
  const phrases = new Phrases();
  const words = new Set<string>();
  let left = longestValues;
  for (const value of new Set(values)) {
    left -= value.length;
    if (left < 0) return () => undefined;
    if (value.length < shortest) words.add(value);
    else phrases.add(asBytes(value));
    for (const form of base64Forms(value)) phrases.add(form);
    yield;
  }
  words.delete("");
  return (line) => {
    const masked = line.length > longestLine ? undefined : replaceAll(line, phrases);
    if (masked === undefined || disguises(masked).some((text) => holdsPhrase(text, phrases))) return undefined;
    return holdsWord(masked, words) ? undefined : masked;
  };
}

/** The mask that `lineMaskSteps` makes, at once: for a few values. */
export function lineMask(values: Iterable<string>): LineMask {
  const steps = lineMaskSteps(values);
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}

/** In base64, where that is long enough to stand for nothing else. */
function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const forms = new Set([bytes.toString("base64"), bytes.toString("base64url")]);
  return [...forms].filter((form) => form.length >= 2 * shortest);
}

/**
 * All at once: values may overlap, and what is left of one when another is gone would tell of it. Undefined where that
 * takes too much work.
 */
function replaceAll(line: string, phrases: Phrases): string | undefined {
  const bytes = asBytes(line);
  const spans: Span[] = [];
  for (const span of phrases.spansIn(bytes)) {
    if (span === undefined) return undefined;
    spans.push(span);
  }
  return spans.length === 0 ? line : Buffer.from(withoutSpans(bytes, spans), "latin1").toString();
}

function withoutSpans(bytes: string, spans: readonly Span[]): string {
  let result = "";
  let shown = 0;
  for (const [start, end] of spans) {
    if (start >= shown) result += bytes.slice(shown, start) + (start === shown && result !== "" ? "" : mask);
    shown = Math.max(shown, end);
  }
  return result + bytes.slice(shown);
}

/** Also true where that takes too much work. */
function holdsPhrase(text: string, phrases: Phrases): boolean {
  return phrases.spansIn(text).next().done !== true;
}

/** Whether one stands there with neither a letter nor a digit beside it. */
function holdsWord(line: string, words: ReadonlySet<string>): boolean {
  if (words.size === 0) return false;
  const isPart = (at: number) => /[\p{L}\p{N}]/u.test(line.charAt(at));
  const endsAt = (start: number, end: number) => words.has(line.slice(start, end)) && !isPart(end);
  for (let start = 0; start < line.length; start++) {
    if (isPart(start - 1)) continue;
    for (let end = start + 1; end < start + shortest; end++) if (endsAt(start, end)) return true;
  }
  return false;
}

/** What a line may mean, byte by byte: unescaped, and every run of base64 or hexadecimal digits in it decoded. */
function disguises(line: string): readonly string[] {
  const unescaped = asBytes(withoutEscapes(line));
  const base64 = [...line.matchAll(/[\w+/-]{6,}/g)].flatMap(([run]) =>
    [0, 1, 2, 3].map((offset) => Buffer.from(run.slice(offset), "base64").toString("latin1")),
  );
  const hex = [...line.matchAll(/[\da-f]{8,}/gi)].flatMap(([run]) =>
    [0, 1].map((offset) => Buffer.from(run.slice(offset), "hex").toString("latin1")),
  );
  return [unescaped, ...base64, ...hex];
}

const escapes: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t", b: "\b", f: "\f" };

/** Undoes the escapes of URLs, and then those of JSON and of quoted strings of most languages. */
function withoutEscapes(line: string): string {
  return line
    .replaceAll(/(?:%[\da-f]{2})+/gi, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString())
    .replaceAll(/\\(?:u([\da-f]{4})|x([\da-f]{2})|(.))/gi, (_, long?: string, short?: string, one = "") => {
      const code = long ?? short;
      return code === undefined ? (escapes[one] ?? one) : String.fromCharCode(Number.parseInt(code, 16));
    });
}

function asBytes(text: string): string {
  return Buffer.from(text).toString("latin1");
}
