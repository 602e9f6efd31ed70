/** A part of a regular expression: what it may match, with its quantifier taken off, and whether it repeats without end. */
interface Part {
  readonly samples: readonly string[];
  readonly endless: boolean;
  readonly inner: readonly (readonly Part[])[];
}

const probes = [
  " ",
  "\n",
  "a",
  "Z",
  "0",
  "_",
  "-",
  ".",
  ",",
  "/",
  ":",
  "=",
  '"',
  "'",
  "\\",
  "`",
  "(",
  "[",
  "{",
  "<",
  "\u00e9",
  "\u200b",
  "\u0001",
];

/**
 * Texts that would make a regular expression go back again and again if it can: for everything in it that repeats without
 * end, what leads there, that many times, and then something that does not fit.
 */
function attacksOn(source: string, flags: string): readonly Attack[] {
  const alternatives = parse({ source, at: 0, flags });
  const attacks: Attack[] = [];
  const visit = (parts: readonly Part[], prefix: string): void => {
    let led = prefix;
    for (const [index, part] of parts.entries()) {
      const before = led;
      for (const each of part.inner) visit(each, before);
      const pumps = part.endless
        ? [...part.samples, `${part.samples[0] ?? ""}${parts[index + 1]?.samples[0] ?? ""}`]
        : [];
      for (const pump of new Set(pumps)) if (pump !== "") attacks.push(...textsOf(before, pump));
      led += part.samples[0] ?? "";
    }
  };
  for (const parts of alternatives) visit(parts, "");
  return attacks;
}

type Attack = (times: number) => string;

function textsOf(before: string, pump: string): readonly Attack[] {
  return [
    ...["\u0001", "\n", "!"].map(
      (end): Attack =>
        (times) =>
          before + pump.repeat(times) + end,
    ),
    (times) => `${pump.repeat(times)}\u0001`,
    ...["\u0001", "\n"].map(
      (end): Attack =>
        (times) =>
          (before + pump.repeat(3)).repeat(Math.ceil(times / 3)) + end,
    ),
  ];
}

interface Reader {
  readonly source: string;
  at: number;
  readonly flags: string;
}

function parse(reader: Reader): readonly (readonly Part[])[] {
  const alternatives: Part[][] = [[]];
  while (reader.at < reader.source.length && reader.source[reader.at] !== ")") {
    if (reader.source[reader.at] === "|") {
      reader.at++;
      alternatives.push([]);
    } else alternatives.at(-1)?.push(quantified(reader, atom(reader)));
  }
  return alternatives;
}

function atom(reader: Reader): Part {
  const group = take(reader, /\((?:\?(?:<?[=!]|:|<\w+>|[a-z-]+:))?/y);
  if (group !== undefined) {
    const inner = parse(reader);
    reader.at++;
    const isLook = /^\(\?<?[=!]/.test(group);
    const samples = inner.map((parts) => parts.map((part) => part.samples[0] ?? "").join(""));
    return { samples: isLook ? [""] : samples, endless: false, inner };
  }
  if (take(reader, /\^|\$|\\[bB]/y) !== undefined) return { samples: [""], endless: false, inner: [] };
  const one =
    take(
      reader,
      /\[\^?(?:\[[^\]]*\]|\\[pP]\{[^}]*\}|\\u\{[^}]*\}|\\.|[^\]\\])*\](?:--\[[^\]]*\]\])?|\\[pP]\{[^}]*\}|\\k<\w+>|\\u\{[0-9a-f]+\}|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\.|[\s\S]/y,
    ) ?? "";
  const matches = new RegExp(/^\\(?:k<|[1-9])/.test(one) ? "" : `^(?:${one})$`, reader.flags.replaceAll(/[gy]/g, ""));
  const samples = [one.replace(/^\\(?=\W)/, ""), ...probes].filter((probe) => matches.test(probe));
  return { samples: samples.slice(0, 3), endless: false, inner: [] };
}

function quantified(reader: Reader, part: Part): Part {
  const found = take(reader, /(?:[*+?]|\{\d+(?:,\d*)?\})\??/y);
  if (found === undefined) return part;
  const least = Number(/^\{(\d+)/.exec(found)?.[1] ?? (found.startsWith("+") ? 1 : 0));
  const first = part.samples[0] ?? "";
  const samples = least > 1 ? [first.repeat(least), ...part.samples.slice(1)] : part.samples;
  return { samples, inner: part.inner, endless: /^[*+]|,\}/.test(found) || /,\d{2,}\}/.test(found) };
}

function take(reader: Reader, pattern: RegExp): string | undefined {
  pattern.lastIndex = reader.at;
  const found = pattern.exec(reader.source)?.[0];
  if (found !== undefined) reader.at += found.length;
  return found;
}

/** One by one at first: what doubles with each round is to be noticed in the first round that takes long, not a thousandfold later. */
const rounds = [
  ...Array.from({ length: 57 }, (_, index) => index + 4),
  80,
  120,
  250,
  500,
  1_000,
  2_000,
  4_000,
  8_000,
  16_000,
];

const slowMs = 20;

/** The text, cut short, on which the time grows faster than the text; undefined where none was found. */
export function slowText(pattern: RegExp): string | undefined {
  const flags = pattern.flags.replaceAll(/[gy]/g, "");
  const global = new RegExp(pattern.sticky ? `^(?:${pattern.source})` : pattern.source, flags);
  for (const attack of attacksOn(pattern.source, pattern.flags)) {
    for (const times of rounds) {
      const first = milliseconds(global, attack(times));
      if (first < slowMs) continue;
      // A shared machine may have been busy: what is slow is slow again, and faster on a quarter of the text.
      const whole = Math.min(first, fastest(global, attack(times)));
      if (whole > slowMs && whole > 7 * fastest(global, attack(Math.ceil(times / 4))))
        return JSON.stringify(attack(Math.min(times, 6)));
    }
  }
  return undefined;
}

const fastest = (pattern: RegExp, text: string) => Math.min(milliseconds(pattern, text), milliseconds(pattern, text));

function milliseconds(pattern: RegExp, text: string): number {
  const before = performance.now();
  pattern.exec(text);
  return performance.now() - before;
}

/** The regular expressions that stand in a source text, without comments. */
export function literalsIn(text: string): readonly RegExp[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
  const literal =
    /(?<=(?:[(,=:[!&|?{};]|=>|return)\s*)\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([dgimsuvy]*)(?=[\s.,;)\]:?}])/g;
  return [...code.matchAll(literal)].flatMap(([, source = "", flags = ""]) => {
    try {
      return [new RegExp(source, flags)];
    } catch {
      // A division between two slashes, not an expression.
      return [];
    }
  });
}
