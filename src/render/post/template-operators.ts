import { TemplateInvalid } from "./template-invalid.ts";

/** What an operator of a template makes of a value. Operators that are not known leave it as it is. */
export function applyOperator(value: string, operator: string, [first = "", second = ""]: readonly string[]): string {
  switch (operator) {
    case "length":
      return String(new TextEncoder().encode(value).byteLength);
    case "^":
      return value.slice(0, 1).toUpperCase() + value.slice(1);
    case "^^":
      return value.toUpperCase();
    case ",":
      return value.slice(0, 1).toLowerCase() + value.slice(1);
    case ",,":
      return value.toLowerCase();
    case ":":
      return part(value, first, second);
    case "/":
      return first === "" ? second + value : value.replace(first, () => second);
    case "//":
      return first === "" ? value : replaceAll(value, first, second);
    case "/#":
      return value.startsWith(first) ? second + value.slice(first.length) : value;
    case "/%":
      return value.endsWith(first) ? value.slice(0, value.length - first.length) + second : value;
    default:
      return cut(value, operator, first);
  }
}

const longest = 32 * 1024 * 1024;

function replaceAll(value: string, first: string, second: string): string {
  const parts = value.split(first);
  if (value.length + parts.length * second.length <= longest) return parts.join(second);
  throw new TemplateInvalid("a replacement makes a value larger than any file may be");
}

/** From an offset on, which may count from the end, as many characters as asked for. */
function part(value: string, offset: string, length: string): string {
  if (!/^\s*[-+]?\d+\s*$/.test(offset)) return value;
  const start = Number(offset) < 0 ? Math.max(value.length + Number(offset), 0) : Number(offset);
  if (length === "") return value.slice(start);
  return /^\s*\d+\s*$/.test(length) ? value.slice(start, start + Number(length)) : value;
}

/**
 * Cuts off the shortest or longest beginning or end that a pattern with `*`, `?` and `[a-z]` matches; the shortest has at
 * least one character, as in Flux.
 */
function cut(value: string, operator: string, pattern: string): string {
  const fromStart = operator.startsWith("#");
  const longest = operator.length === 2;
  const tokens = globTokens(pattern);
  for (let step = 1; step <= value.length; step++) {
    const length = longest ? value.length - step + 1 : step;
    const piece = fromStart ? value.slice(0, length) : value.slice(value.length - length);
    if (matchesGlob(piece, tokens)) return fromStart ? value.slice(length) : value.slice(0, value.length - length);
  }
  return value;
}

/** One part of a pattern: any text, or one character out of some. */
type GlobToken = "any" | ((character: string) => boolean);

function globTokens(pattern: string): readonly GlobToken[] {
  const parts = pattern.match(/\\.|\[\^?\]?[^\]]*\]|./gs) ?? [];
  return parts.map((part) => {
    if (part === "*") return "any";
    if (part === "?") return () => true;
    if (part.startsWith("[") && part.length > 2) return characterClass(part.slice(1, -1));
    const literal = part.length === 2 && part.startsWith("\\") ? part.slice(1) : part;
    return (character) => character === literal;
  });
}

function characterClass(text: string): (character: string) => boolean {
  const isNegated = text.startsWith("^");
  const ranges = [...(isNegated ? text.slice(1) : text).matchAll(/(.)-(.)|(.)/gs)];
  const holds = (character: string) =>
    ranges.some(([, from, to, single]) =>
      single === undefined ? character >= (from ?? "") && character <= (to ?? "") : character === single,
    );
  return (character) => holds(character) !== isNegated;
}

/** Whether a pattern matches a whole text, without trying all ways. */
function matchesGlob(text: string, tokens: readonly GlobToken[]): boolean {
  let at = 0;
  let star = -1;
  let mark = 0;
  let index = 0;
  while (index < text.length) {
    const token = tokens[at];
    if (token === "any") {
      star = at++;
      mark = index;
    } else if (token?.(text[index] ?? "")) {
      at++;
      index++;
    } else if (star >= 0) {
      at = star + 1;
      index = ++mark;
    } else return false;
  }
  return tokens.slice(at).every((token) => token === "any");
}
