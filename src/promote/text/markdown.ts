/** The longest run of backticks in a text: what holds it as code needs one more. */
function longestTicks(text: string): number {
  return Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
}

/** As code: nothing in it is read as Markdown, HTML, a link, a mention or a word that closes issues. */
export function code(text: string): string {
  const fence = "`".repeat(longestTicks(text) + 1);
  const padding = fence.length > 1 ? " " : "";
  return `${fence}${padding}${oneLine(text)}${padding}${fence}`;
}

/** The same in a cell of a table, which a bar would end. */
export function codeCell(text: string): string {
  return code(text).replaceAll("|", "\\|");
}

/** As text, in which nothing is read as Markdown, HTML, a mention or a reference. */
export function prose(text: string): string {
  return oneLine(text)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/([\\`*_[\]|@#!~])/g, "\\$1");
}

/** As text within HTML, where Markdown is not read. */
export function html(text: string): string {
  return oneLine(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** Lines as they are, in a fence that nothing in them ends. */
export function fenced(lines: string): string {
  const fence = "`".repeat(Math.max(3, longestTicks(lines) + 1));
  return `${fence}\n${lines}\n${fence}`;
}

/** A part that opens at a click; the summary is HTML already. */
export function folded(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`;
}

/** Control characters and direction marks can make a line look like another one. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\p{Cc}\p{Cf}]/gu, "");
}
