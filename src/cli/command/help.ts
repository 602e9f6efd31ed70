import { columns } from "../print/columns.ts";
import type { Style } from "../print/style.ts";
import {
  type Arguments,
  type Command,
  type Entry,
  type Flag,
  type Flags,
  globalFlags,
  heededFlags,
} from "./command.ts";

/** The help of the whole program, or of the commands that begin with the given words. */
export function programHelp(registry: readonly Entry[], words: readonly string[], style: Style): string {
  const prefix = words.length === 0 ? "" : `${words.join(" ")} `;
  const entries = registry.filter((entry) => entry.name.startsWith(prefix));
  return [
    "Mooring keeps a Kubernetes cluster tied to a Git repository.",
    "",
    section("Usage", [`mooring ${prefix}COMMAND [flags]`], style),
    section("Commands", columns(entries.map((entry) => [entry.name, entry.summary])), style),
    section("Global flags", flagLines(globalFlags), style),
    'Use "mooring COMMAND --help" for more about a command.\n',
  ].join("\n");
}

/** The help of one command: what it does, how it is called, and examples to copy. */
export function commandHelp(entry: Entry, command: Command, style: Style): string {
  const parts = [`${entry.summary}.`, ""];
  if (command.description !== undefined) parts.push(...wrapped(command.description), "");
  parts.push(section("Usage", [usage(entry, command)], style));
  if (entry.aliases !== undefined) parts.push(section("Aliases", [entry.aliases.join(", ")], style));
  if (Object.keys(command.arguments).length > 0)
    parts.push(section("Arguments", columns(argumentRows(command.arguments)), style));
  if (Object.keys(command.flags).length > 0) parts.push(section("Flags", flagLines(command.flags), style));
  parts.push(section("Global flags", flagLines(heededFlags(command)), style));
  const examples = command.examples.flatMap((example) => [style.faint(`# ${example.text}`), example.line, ""]);
  parts.push(section("Examples", examples.slice(0, -1), style));
  return parts.join("\n");
}

/** `mooring build DIR [flags]`. */
export function usage(entry: Entry, command: Command): string {
  const places = argumentRows(command.arguments).map(([place]) => place);
  return ["mooring", entry.name, ...places, "[flags]"].join(" ");
}

/** Name and summary of each argument; the name in brackets where it may be left out. */
export function argumentRows(declared: Arguments): readonly (readonly [string, string])[] {
  return Object.entries(declared).map(([name, argument]) => {
    const word = `${name.toUpperCase()}${argument.many === true ? "..." : ""}`;
    const choices = argument.choices === undefined ? "" : ` (${argument.choices.join(", ")})`;
    return [argument.optional === true ? `[${word}]` : word, `${argument.summary}${choices}`];
  });
}

/** How each flag is written, and what it does. */
export function flagRows(flags: Flags): readonly (readonly [string, string])[] {
  return Object.entries(flags).map(([name, flag]) => {
    const short = flag.short === undefined ? "" : `-${flag.short}, `;
    const value = flag.type === "boolean" ? "" : ` ${placeholder(flag)}`;
    return [`${short}--${name}${value}`, describeFlag(flag)];
  });
}

/** What stands for the value of a flag. */
export function placeholder(flag: Exclude<Flag, { readonly type: "boolean" }>): string {
  return flag.type === "duration" ? "DURATION" : flag.value;
}

function describeFlag(flag: Flag): string {
  if (flag.type === "boolean") return flag.summary;
  if (flag.type === "list") return `${flag.summary} (may be repeated)`;
  const choices = flag.type === "duration" || flag.choices === undefined ? "" : ` (${flag.choices.join(", ")})`;
  const initial = flag.default === undefined ? "" : ` [default: ${flag.default}]`;
  return `${flag.summary}${choices}${initial}`;
}

function flagLines(flags: Flags): readonly string[] {
  const rows = flagRows(flags).map(([spelling, summary]) => [
    spelling.startsWith("--") ? `    ${spelling}` : spelling,
    summary,
  ]);
  return columns(rows);
}

function section(title: string, lines: readonly string[], style: Style): string {
  return `${style.strong(`${title}:`)}\n${lines.map((line) => (line === "" ? "" : `  ${line}`)).join("\n")}\n`;
}

const proseWidth = 100;

/** A text in lines of at most a hundred characters, broken between words. */
function wrapped(text: string): readonly string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= proseWidth) lines[lines.length - 1] = `${line} ${word}`;
    else lines.push(word);
  }
  return lines;
}
