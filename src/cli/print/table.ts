import { columns } from "./columns.ts";

/**
 * A table as kubectl prints one: headings in capitals, three spaces between, an empty cell as `<none>`. Line breaks
 * within a cell become spaces.
 */
export function formatTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = rows.map((row) => row.map((cell) => (cell === "" ? "<none>" : cell.replaceAll(/\s*\n\s*/g, " "))));
  return `${columns([headings.map((heading) => heading.toUpperCase()), ...cells]).join("\n")}\n`;
}
