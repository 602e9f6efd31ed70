/** Character codes the scanners look for, by name, and the classes go-yaml sorts them into. */
export const ch = {
  end: 0x00,
  tab: 0x09,
  newline: 0x0a,
  return: 0x0d,
  space: 0x20,
  exclamation: 0x21,
  doubleQuote: 0x22,
  hash: 0x23,
  percent: 0x25,
  ampersand: 0x26,
  singleQuote: 0x27,
  asterisk: 0x2a,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  dot: 0x2e,
  zero: 0x30,
  nine: 0x39,
  colon: 0x3a,
  less: 0x3c,
  greater: 0x3e,
  question: 0x3f,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  pipe: 0x7c,
  openBrace: 0x7b,
  closeBrace: 0x7d,
  nextLine: 0x85,
  lineSeparator: 0x2028,
  paragraphSeparator: 0x2029,
} as const;

/** The line breaks go-yaml knows: LF, CR, NEL, LS and PS. */
export const isBreak = (code: number): boolean =>
  code === ch.newline ||
  code === ch.return ||
  code === ch.nextLine ||
  code === ch.lineSeparator ||
  code === ch.paragraphSeparator;

/** Space or tab. */
export const isBlank = (code: number): boolean => code === ch.space || code === ch.tab;

/** Space, tab, line break, or the end of the text. */
export const isBlankOrEnd = (code: number): boolean =>
  code === ch.space || code === ch.newline || code === ch.end || code === ch.tab || isBreak(code);

/** A line break as it is read: LS and PS stay what they are, every other one becomes LF. */
export const readBreak = (code: number): string =>
  code === ch.lineSeparator ? "\u2028" : code === ch.paragraphSeparator ? "\u2029" : "\n";

/** Whether a character may stand in the name of an anchor or of a tag's handle. */
export const isWord = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) ||
  (code >= 0x41 && code <= 0x5a) ||
  (code >= 0x61 && code <= 0x7a) ||
  code === 0x5f ||
  code === ch.minus;
