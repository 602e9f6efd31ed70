import { type Entry, type Flags, globalFlags, heededFlags } from "../command/command.ts";

/** A flag as shells complete it. */
export interface FlagWord {
  readonly long: string;
  readonly short?: string;
  readonly summary: string;
  readonly takesValue: boolean;
  readonly choices: readonly string[];
}

/** What may follow the words of a path: `""` for the program, `get` for a group, `get environments` for a command. */
export interface Completable {
  readonly path: string;
  /** Names of commands, or choices of an argument, each with its summary. */
  readonly words: readonly (readonly [word: string, summary: string])[];
  readonly flags: readonly FlagWord[];
}

/** Everything that shells complete, the longest paths first: the one table that all the scripts are made of. */
export async function vocabulary(registry: readonly Entry[]): Promise<readonly Completable[]> {
  const commands = (await Promise.all(registry.map(commandWords))).flat();
  const parents = new Set(registry.map((entry) => entry.name.split(" ").slice(0, -1).join(" ")));
  const groups = [...parents, ""].map((path) => ({
    path,
    words: wordsAfter(path, registry),
    flags: flagWords(globalFlags),
  }));
  const byPath = new Map([...commands, ...groups].map((completable) => [completable.path, completable]));
  return [...byPath.values()].sort((a, b) => b.path.length - a.path.length);
}

/** A command under its name and under its aliases. */
async function commandWords(entry: Entry): Promise<readonly Completable[]> {
  const command = await entry.load();
  const choices = Object.values(command.arguments).flatMap((argument) => argument.choices ?? []);
  return [entry.name, ...(entry.aliases ?? [])].map((path) => ({
    path,
    words: choices.map((choice) => [choice, ""] as const),
    flags: flagWords({ ...command.flags, ...heededFlags(command) }),
  }));
}

/** The words that may follow a path, with the summaries of those that complete the name of a command. */
function wordsAfter(path: string, registry: readonly Entry[]): Completable["words"] {
  const prefix = path === "" ? "" : `${path} `;
  const words = new Map<string, string>();
  for (const entry of registry.filter(({ name }) => name.startsWith(prefix))) {
    const [word = "", ...more] = entry.name.slice(prefix.length).split(" ");
    words.set(word, more.length === 0 ? entry.summary : (words.get(word) ?? ""));
  }
  return [...words];
}

function flagWords(flags: Flags): readonly FlagWord[] {
  return Object.entries(flags).map(([name, flag]) => ({
    long: name,
    ...(flag.short === undefined ? {} : { short: flag.short }),
    summary: flag.summary,
    takesValue: flag.type !== "boolean",
    choices: flag.type === "string" ? (flag.choices ?? []) : [],
  }));
}
