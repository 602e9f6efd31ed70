import { parseArgs } from "node:util";
import { Failure } from "../../model/failure.ts";
import { type Entry, globalFlags } from "./command.ts";
import { parserOptions } from "./parse.ts";
import { nearest } from "./suggest.ts";

/** What a command line asks for. */
export type Found =
  | { readonly type: "command"; readonly entry: Entry; readonly rest: readonly string[] }
  /** Words that begin the names of several commands, or no word at all. */
  | { readonly type: "group"; readonly words: readonly string[]; readonly rest: readonly string[] };

/**
 * Finds the command that the leading words of a command line name; global flags may stand before and between them.
 * Throws `Failure` (UsageInvalid), with the nearest name as a hint, where there is none.
 */
export function findCommand(args: readonly string[], registry: readonly Entry[]): Found {
  const words = leadingWords(args);
  for (const count of [2, 1]) {
    const name = words.slice(0, count).map((word) => word.value);
    const entry = name.length === count ? entryNamed(name.join(" "), registry) : undefined;
    if (entry !== undefined) return { type: "command", entry, rest: without(args, words.slice(0, count)) };
  }
  const [first, second] = words.map((word) => word.value);
  if (first === undefined) return { type: "group", words: [], rest: args };
  const group = registry.filter((entry) => entry.name.startsWith(`${first} `));
  if (group.length === 0) throw unknownCommand(first, [...new Set(registry.flatMap(firstWords))]);
  if (second !== undefined) throw unknownCommand(`${first} ${second}`, group.flatMap(names));
  return { type: "group", words: [first], rest: without(args, words.slice(0, 1)) };
}

function entryNamed(name: string, registry: readonly Entry[]): Entry | undefined {
  return registry.find((entry) => names(entry).includes(name));
}

function names(entry: Entry): readonly string[] {
  return [entry.name, ...(entry.aliases ?? [])];
}

function firstWords(entry: Entry): readonly string[] {
  return names(entry).map((name) => name.split(" ", 1)[0] ?? name);
}

interface Word {
  readonly value: string;
  readonly index: number;
}

/** The words before the first flag that is not a global one: beyond it, a word may be that flag's value. */
function leadingWords(args: readonly string[]): readonly Word[] {
  const { tokens } = parseArgs({ args: [...args], options: parserOptions(globalFlags), strict: false, tokens: true });
  const end = tokens.findIndex((token) => token.kind === "option-terminator" || isForeign(token));
  return (end < 0 ? tokens : tokens.slice(0, end)).filter((token) => token.kind === "positional").slice(0, 2);
}

function isForeign(token: { readonly kind: string; readonly name?: string }): boolean {
  return token.kind === "option" && !Object.hasOwn(globalFlags, token.name ?? "");
}

function without(args: readonly string[], words: readonly Word[]): readonly string[] {
  const taken = new Set(words.map((word) => word.index));
  return args.filter((_, index) => !taken.has(index));
}

function unknownCommand(name: string, known: readonly string[]): Failure {
  const near = nearest(name, known);
  return new Failure("UsageInvalid", {
    message: `unknown command "${name}"`,
    hint: near === undefined ? 'see "mooring --help"' : `did you mean "mooring ${near}"?`,
  });
}
