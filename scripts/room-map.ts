import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rooms } from "../test/support/architecture-rules.ts";
import { purposes } from "./rooms.ts";

const begin = "<!-- The map is made by scripts/room-map.ts from scripts/rooms.ts. -->\n";
const end = "<!-- End of the map. -->\n";

/** CONTRIBUTING.md with the map of `src/` as it is now: each room in its order, with the folders in it. Throws on a gap. */
export function contributing(root: string): string {
  const page = readFileSync(join(root, "CONTRIBUTING.md"), "utf8");
  const [before, rest = ""] = page.split(begin);
  const [, after] = rest.split(end);
  if (before === undefined || after === undefined)
    throw new Error("CONTRIBUTING.md: the marks around the map are gone");
  return `${before}${begin}\n${map(foldersOf(root))}\n${end}${after}`;
}

function foldersOf(root: string): readonly string[] {
  const files = globSync("src/*/**/*.ts", { cwd: root });
  const folders = files.map((file) => file.split("/").slice(1, -1));
  const all = folders.flatMap((parts) => parts.map((_, depth) => parts.slice(0, depth + 1).join("/")));
  return [...new Set(all)].sort();
}

function map(folders: readonly string[]): string {
  const missing = folders.filter((folder) => purposes[folder] === undefined).map((folder) => `add src/${folder}`);
  const gone = Object.keys(purposes).filter((folder) => !folders.includes(folder));
  const problems = [...missing, ...gone.map((folder) => `remove src/${folder}`)];
  if (problems.length > 0) throw new Error(`scripts/rooms.ts: ${problems.join(", ")}`);
  const rows = rooms.flatMap((room) => folders.filter((folder) => folder === room || folder.startsWith(`${room}/`)));
  return ["| Folder | What is in it |", "| --- | --- |", ...rows.map(row), ""].join("\n");
}

function row(folder: string): string {
  const name = folder.includes("/") ? `\`${folder}/\`` : `**\`${folder}/\`**`;
  return `| ${name} | ${purposes[folder]} |`;
}
