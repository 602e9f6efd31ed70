import { resolvePlain } from "./scalar.ts";

/** How a text is written. */
export type Style = "plain" | "single" | "double" | "literal";

/** Words and forms that YAML 1.1 reads as something else, and go-yaml quotes for its sake. */
const oldWords = new Set(
  ["y", "yes", "on", "n", "no", "off"].flatMap((word) => [
    word,
    word.toUpperCase(),
    `${word.charAt(0).toUpperCase()}${word.slice(1)}`,
  ]),
);
const base60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;

/** The style that go-yaml v3 chooses for a text (`stringv` in `encode.go`, `analyze_scalar` in `emitterc.go`). */
export function styleOf(text: string): Style {
  const { plainAllowed, singleAllowed, blockAllowed } = analyse(text);
  if (text.includes("\n")) return blockAllowed ? "literal" : "double";
  if (text === "<<" || resolvePlain(text) !== text || oldWords.has(text) || base60.test(text)) return "double";
  if (plainAllowed) return "plain";
  return singleAllowed ? "single" : "double";
}

const breaks = "\\n\\r\\u0085\\u2028\\u2029";
const unprintable = /[^\n\t\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/u;
const indicators = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[-?:](?:[ \t]|$))|:(?:[ \t]|$)|[ \t\n\r\0\u0085\u2028\u2029]#/;

function analyse(text: string) {
  const special = unprintable.test(text);
  const spaceBreak = new RegExp(` [${breaks}]`).test(text);
  const breakSpace = new RegExp(`[${breaks}] `).test(text);
  const outer = new RegExp(`^[ ${breaks}]|[ ${breaks}]$`).test(text);
  const lines = new RegExp(`[${breaks}]`).test(text);
  const tab = text.includes("\t");
  return {
    plainAllowed: !(outer || spaceBreak || breakSpace || special || tab || lines || indicators.test(text)),
    singleAllowed: !(spaceBreak || breakSpace || special || tab),
    blockAllowed: text !== "" && !(text.endsWith(" ") || spaceBreak || special),
  };
}

/** In single quotes. */
export function writtenSingle(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

const escapes: ReadonlyMap<number, string> = new Map([
  [0, "\\0"],
  [7, "\\a"],
  [8, "\\b"],
  [9, "\\t"],
  [10, "\\n"],
  [11, "\\v"],
  [12, "\\f"],
  [13, "\\r"],
  [27, "\\e"],
  [34, '\\"'],
  [92, "\\\\"],
  [0x85, "\\N"],
  [0xa0, "\\_"],
  [0x2028, "\\L"],
  [0x2029, "\\P"],
]);

/** In double quotes. A text that begins with a byte order mark is escaped whole, as go-yaml does. */
export function writtenDouble(text: string): string {
  const all = text.startsWith("\ufeff");
  const written = [...text].map((letter) => {
    const code = letter.codePointAt(0) ?? 0;
    const asItIs = !all && code !== 0x22 && code !== 0x5c && code !== 9 && code !== 10 && !unprintable.test(letter);
    if (asItIs && code !== 0x2028 && code !== 0x2029) return letter;
    return escapes.get(code) ?? numeric(code);
  });
  return `"${written.join("")}"`;
}

function numeric(code: number): string {
  const digits = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${digits.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, "0")}` : `\\U${digits.padStart(8, "0")}`;
}
