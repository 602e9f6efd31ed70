/*
 * The Markdown of GitHub, GitLab and Gitea around the words of others. A text is normalised first, then measured, then
 * escaped: what a forge leaves out or puts together must not make of it what was not measured. Words in which a forge sees
 * mentions, references, addresses or words that close issues become code, for these are looked for after the Markdown was
 * read, where a backslash is gone.
 */

/** Text in which whatever strangers wrote was escaped. */
export type Markdown = string & { readonly escaped: true };

/** Markdown of our own words, around what was escaped by one of the functions below. */
export function markdown(words: TemplateStringsArray, ...escaped: readonly (Markdown | number)[]): Markdown {
  return String.raw({ raw: words }, ...escaped) as Markdown;
}

/** The longest run of backticks in a text: what holds it as code needs one more. */
function longestTicks(text: string): number {
  let longest = 0;
  for (const [ticks] of text.matchAll(/`+/g)) longest = Math.max(longest, ticks.length);
  return longest;
}

/** As code: nothing in it is read as Markdown, HTML, a link, a mention or a word that closes issues. */
export function code(text: string): Markdown {
  const line = visibleLine(text);
  const fence = "`".repeat(longestTicks(line) + 1);
  // A span of nothing would be a longer fence, which the next one of its length ends.
  if (line === "") return markdown`\` \``;
  const padding = fence.length > 1 ? " " : "";
  return `${fence}${padding}${line}${padding}${fence}` as Markdown;
}

/** The same in a cell of a table, which a bar ends wherever it stands; forges differ in what they see in `\|`. */
export function codeCell(text: string): string {
  const line = visibleLine(text);
  if (!/[|\\`]/.test(line)) return code(line);
  return `<code>${line.replaceAll(/[^A-Za-z0-9 /:.]/g, (sign) => `&#${sign.codePointAt(0)};`)}</code>`;
}

/** What a forge takes for more than words, whatever is put before it. */
const meaningful = /[@#!~%$^&][\w"]|:\/\/|www\.|\bG[HL]-\d|[0-9a-f]{7}/i;

/** As text, in which nothing is read as Markdown, HTML, a mention or a reference. */
export function prose(text: string): string {
  const line = visibleLine(text);
  if (meaningful.test(line)) return code(line);
  return line
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/([\\`*_[\]|@#!~])/g, "\\$1")
    .replace(/^(\d+(?=[.)])|(?=[-+=>]))/, "$1\\");
}

/** As text within HTML, where Markdown is not read. */
export function html(text: string): string {
  return visibleLine(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Lines as they are, in a fence that nothing in them ends. */
export function fenced(lines: string): string {
  const shown = lines.split("\n").map(seen).join("\n");
  const fence = "`".repeat(Math.max(3, longestTicks(shown) + 1));
  return `${fence}\n${shown}\n${fence}`;
}

/** A part that opens at a click; the summary is HTML already. */
export function folded(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

/** The words of one line, normalised: what is left is seen, and is what it looks like. */
export function visibleLine(text: string): string {
  return seen(text.replaceAll(/[\s\u0085]+/g, " "))
    .replaceAll(/ +/g, " ")
    .trim();
}

/**
 * In its composed form, in which U+1FEF is a backtick, and without what is not seen: control characters, direction marks,
 * characters of no width, halves of characters.
 */
function seen(text: string): string {
  const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
  return text.normalize("NFC").replaceAll("\t", " ").replaceAll(unseen, "").normalize("NFC");
}
