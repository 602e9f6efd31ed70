import { type Entry, globalFlags, type IdleRule } from "../src/cli/command/command.ts";
import { argumentRows, flagRows, usage } from "../src/cli/command/help.ts";

/** The reference of the command line, in Markdown, from the same table as the help. */
export async function cliReference(registry: readonly Entry[]): Promise<string> {
  const commands = await Promise.all(registry.map(commandSection));
  return `${[
    "# Command line",
    "Every command accepts `--help`. Exit codes:",
    table(
      ["Code", "Meaning"],
      [
        ["0", "Success"],
        [
          "1",
          "Something failed, or a check found a problem. For `plan`, `drift` and `why`: the answer is that there are changes, drift or problems",
        ],
        [
          "2",
          "Usage error: an invalid command line; a file that cannot be read or written; input that does not fit the command (a file without a SealedSecret, a namespace other than the file's, a suspended Environment); or standard output cannot be written. For `plan`, `drift` and `why` also any other error",
        ],
        ["70", "A bug in Mooring"],
        ["130", "Interrupted"],
        ["141", "The reader of standard output went away"],
      ],
    ),
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
  if (refused.length > 0) parts.push(`Not accepted here: the global flags ${refused.join(", ")}.`);
  if (command.idle !== undefined) parts.push(command.idle.map(idleLine).join("\n"));
  const examples = command.examples.flatMap(({ text, line }) => [`# ${text}`, line, ""]);
  return [...parts, code("sh", examples.slice(0, -1))];
}

function idleLine(rule: IdleRule): string {
  const [how, other] = "beside" in rule ? ["With", rule.beside] : ["Without", rule.without];
  const flags = rule.flags.map((name) => `\`--${name}\``).join(", ");
  return `- ${how} \`--${other}\`, these flags are not accepted: ${flags} (${rule.why}).`;
}

function table(headings: readonly string[], rows: readonly (readonly [string, string])[]): string {
  const cells = rows.map(([name, meaning]) => `| \`${cell(name)}\` | ${cell(meaning)} |`);
  return [`| ${headings.join(" | ")} |`, "| --- | --- |", ...cells].join("\n");
}

/** In a table a bar ends the cell, even within code. */
const cell = (text: string) => text.replaceAll("|", "\\|");

const code = (language: string, lines: readonly string[]) => `\`\`\`${language}\n${lines.join("\n")}\n\`\`\``;
