import { RE2JS, RE2JSException } from "re2js";
import { Failure } from "../failure.ts";

/** A pattern that was read: says whether it matches somewhere in a text, and what. */
export interface Pattern {
  /** Whether it matches anywhere. Throws `Failure` (InputTooLarge) where text and pattern together ask for too much work. */
  test(text: string): boolean;
  /** The expression itself, for replacing and for finding all; judges the text like `test`. */
  over(text: string): RE2JS;
  /** How many steps it may take for one character of a text. */
  readonly steps: number;
}

/** A pattern that cannot be read, in the words of Go's regexp. Whoever asks for it knows the field and says so. */
export class PatternInvalid extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PatternInvalid";
  }
}

/** Nobody writes longer ones by hand. */
const longestPattern = 10_000;
const mostSteps = 20_000;
/** Characters of the text times steps of the pattern: about a second of work at worst. */
const mostWork = 50_000_000;

/**
 * Compiles an untrusted regular expression in Go's syntax (RE2), whose matching takes time in proportion to the pattern
 * and the text, whatever they are; the built-in `RegExp` may take for ever and must not be given one. Throws
 * `PatternInvalid`. Source: https://github.com/google/re2/wiki/Syntax.
 */
export function compilePattern(pattern: string): Pattern {
  if (pattern.length > longestPattern) throw new PatternInvalid("expression is too long");
  const compiled = parse(pattern);
  const steps = compiled.programSize();
  if (steps > mostSteps) throw new PatternInvalid("expression is too large");
  const over = (text: string) => {
    if (text.length * steps <= mostWork) return compiled;
    const message = `a text of ${text.length} characters is too long for a regular expression of ${steps} steps`;
    throw new Failure("InputTooLarge", { message, hint: "shorten the expression, or the text" });
  };
  return { test: (text) => over(text).test(text), over, steps };
}

function parse(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause;
    throw new PatternInvalid(cause.message.replace("error parsing regexp: ", ""), { cause });
  }
}

/** A pattern that matches exactly this text. */
export function literalPattern(text: string): string {
  return RE2JS.quote(text);
}
