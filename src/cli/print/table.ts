import { columns } from "./columns.ts";

const trimmed = (line: string, index: number) => (index === 0 ? line.trimEnd() : line.trim());

/**
 * A table as kubectl prints one: headings in capitals, three spaces between, an empty cell as `<none>`. Line breaks
 * within a cell become spaces.
 */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) =>
    row.map((cell) => (cell === "" ? "<none>" : cell.split("\n").map(trimmed).join(" "))),
  );
  return `${columns([headings.map((heading) => heading.toUpperCase()), ...cells]).join("\n")}\n`;
}
