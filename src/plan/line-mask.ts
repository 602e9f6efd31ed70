/** What stands for a value that is hidden in a line. */
const mask = "***";

/** A value of fewer characters is too common to be masked: a line that holds it as a word is left out. */
const shortest = 4;

/** A line as it may be shown, or undefined where it had better not be. */
export type LineMask = (line: string) => string | undefined;

/**
 * Makes a mask for lines of foreign text, such as a log, that may quote values of Secrets: each is replaced, plain or in
 * base64. A line that holds one in another disguise (escaped, in hexadecimal, inside of something longer in base64) is
 * left out whole.
 */
export function lineMask(values: readonly string[]): LineMask {
  const plain = [...new Set(values)].filter((value) => value !== "");
  const long = plain.filter((value) => value.length >= shortest);
  const forms = [...long, ...plain.flatMap(base64Forms)];
  const bytes = forms.map(asBytes);
  const words = plain.filter((value) => value.length < shortest);
  return (line) => {
    const masked = replaceAll(line, forms);
    const disguised = disguises(masked).some((text) => bytes.some((form) => text.includes(form)));
    return disguised || words.some((word) => holdsWord(masked, word)) ? undefined : masked;
  };
}

function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const forms = [bytes.toString("base64"), bytes.toString("base64url")];
  return forms.filter((form) => form.length >= 2 * shortest);
}

/** All at once: values may overlap, and what is left of one when another is gone would tell of it. */
function replaceAll(line: string, forms: readonly string[]): string {
  const spans = forms.flatMap((form) => occurrences(line, form)).sort(([a], [b]) => a - b);
  let result = "";
  let shown = 0;
  for (const [start, end] of spans) {
    if (start >= shown) result += line.slice(shown, start) + (start === shown && result !== "" ? "" : mask);
    shown = Math.max(shown, end);
  }
  return result + line.slice(shown);
}

function occurrences(line: string, form: string): readonly (readonly [start: number, end: number])[] {
  const found: [number, number][] = [];
  for (let at = line.indexOf(form); at >= 0; at = line.indexOf(form, at + 1)) found.push([at, at + form.length]);
  return found;
}

function holdsWord(line: string, word: string): boolean {
  const isPart = (character: string) => /[\p{L}\p{N}]/u.test(character);
  return occurrences(line, word).some(([start, end]) => !isPart(line.charAt(start - 1)) && !isPart(line.charAt(end)));
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
