import { type Entry, globalFlags, type IdleRule } from "../src/cli/command/command.ts";
import { argumentRows, flagRows, usage } from "../src/cli/command/help.ts";

/** The reference of the command line, in Markdown, from the same table as the help. */
export async function cliReference(registry: readonly Entry[]): Promise<string> {
  const commands = await Promise.all(registry.map(commandSection));
  return `${[
    "# Command line",
    "Every command takes `--help`. The exit code is 0 when all is done, and 1 when something failed or is not as it should be; commands that answer a question with 1, as `plan`, `drift` and `why` do, fail with 2, and say so. 2 is also, for every command, a line that cannot be followed: it was not understood, what it names cannot be read or written, or does not go with it (a file without a SealedSecret, another namespace than the file's, an Environment that is suspended), or standard output cannot be written. 70 is a bug in Mooring, 130 an interruption, 141 a reader that went away.",
    "## Global flags",
    table(["Flag", "Meaning"], flagRows(globalFlags)),
    ...commands.flat(),
  ].join("\n\n")}\n`;
}

async function commandSection(entry: Entry): Promise<readonly string[]> {
  const command = await entry.load();
  const parts = [`## mooring ${entry.name}`, `${entry.summary}.`];
  if (command.description !== undefined) parts.push(command.description);
  parts.push(code("text", [usage(entry, command)]));
  if (entry.aliases !== undefined) parts.push(`Aliases: ${entry.aliases.map((alias) => `\`${alias}\``).join(", ")}.`);
  const placed = argumentRows(command.arguments);
  if (placed.length > 0) parts.push(table(["Argument", "Meaning"], placed));
  const flags = flagRows(command.flags);
  if (flags.length > 0) parts.push(table(["Flag", "Meaning"], flags));
  const refused = Object.keys(command.unheeded ?? {}).map((name) => `\`--${name}\``);
  if (refused.length > 0) parts.push(`Of the global flags it refuses ${refused.join(", ")}.`);
  if (command.idle !== undefined) parts.push(command.idle.map(idleLine).join("\n"));
  const examples = command.examples.flatMap(({ text, line }) => [`# ${text}`, line, ""]);
  return [...parts, code("sh", examples.slice(0, -1))];
}

function idleLine(rule: IdleRule): string {
  const [how, other] = "beside" in rule ? ["Beside", rule.beside] : ["Without", rule.without];
  const flags = rule.flags.map((name) => `\`--${name}\``).join(", ");
  return `- ${how} \`--${other}\` it refuses ${flags}: ${rule.why}.`;
}

function table(headings: readonly string[], rows: readonly (readonly [string, string])[]): string {
  const cells = rows.map(([name, meaning]) => `| \`${cell(name)}\` | ${cell(meaning)} |`);
  return [`| ${headings.join(" | ")} |`, "| --- | --- |", ...cells].join("\n");
}

/** In a table a bar ends the cell, even within code. */
const cell = (text: string) => text.replaceAll("|", "\\|");

const code = (language: string, lines: readonly string[]) => `\`\`\`${language}\n${lines.join("\n")}\n\`\`\``;
