import { type ParseArgsConfig, parseArgs } from "node:util";
import { durationPattern, milliseconds } from "../../api/duration.ts";
import { Failure, type Problem } from "../../model/failure.ts";
import {
  type Arguments,
  type ArgumentValues,
  type Flag,
  type Flags,
  type FlagValues,
  globalFlags,
  type Names,
} from "./command.ts";
import { placeholder } from "./help.ts";
import { type Idle, idleFlags } from "./idle-flags.ts";
import { wrongName } from "./names.ts";
import { nearest } from "./suggest.ts";

/** The values of a command line, by the names they were declared under. */
export interface Parsed<F extends Flags, A extends Arguments> {
  readonly flags: FlagValues<F>;
  readonly arguments: ArgumentValues<A>;
  readonly global: FlagValues<typeof globalFlags>;
}

type Value = boolean | number | string | readonly string[] | undefined;

/** Flags as Node's own parser wants to be told of them. */
export function parserOptions(flags: Flags): NonNullable<ParseArgsConfig["options"]> {
  return Object.fromEntries(
    Object.entries(flags).map(([name, flag]) => [
      name,
      {
        type: flag.type === "boolean" ? "boolean" : "string",
        ...(flag.short === undefined ? {} : { short: flag.short }),
      },
    ]),
  );
}

/**
 * Reads what stands after the name of a command: `--flag value`, `--flag=value`, `-f value`, `-fvalue`, `--switch`,
 * `--switch=false`, and everything after `--` as arguments. What has no effect is refused, and so is what is empty, or
 * is no name where one is wanted. Throws one `Failure` (UsageInvalid) with all that is wrong.
 */
export function parseCommandLine<F extends Flags, A extends Arguments>(
  args: readonly string[],
  declared: { readonly flags: F; readonly arguments: A } & Idle,
): Parsed<F, A> {
  const all: Flags = { ...globalFlags, ...declared.flags };
  const { tokens } = parseArgs({ args: [...args], options: parserOptions(all), strict: false, tokens: true });
  const problems: Problem[] = [];
  const given = new Map<string, Value>();
  const positionals: string[] = [];
  for (const token of tokens) {
    if (token.kind === "positional") positionals.push(token.value);
    if (token.kind !== "option") continue;
    const flag = Object.hasOwn(all, token.name) ? all[token.name] : undefined;
    const read = flag === undefined ? unknownFlag(token.rawName, all) : readValue(flag, token);
    if ("message" in read) problems.push(read);
    else given.set(token.name, flag?.type === "list" ? append(given.get(token.name), read.value) : read.value);
  }
  const places = placeArguments(positionals, declared.arguments);
  const idle = idleFlags(new Set([...given].flatMap(([name, value]) => (value === false ? [] : [name]))), declared);
  const asksForHelp = given.get("help") === true;
  const wrong = asksForHelp ? problems : [...problems, ...idle, ...places.problems];
  if (wrong.length > 0) throw new Failure("UsageInvalid", wrong);
  // The border: the values were checked against these very declarations.
  return {
    flags: pick(declared.flags, given) as FlagValues<F>,
    arguments: places.values as ArgumentValues<A>,
    global: pick(globalFlags, given) as FlagValues<typeof globalFlags>,
  };
}

function readValue(
  flag: Flag,
  token: { readonly rawName: string; readonly value: string | undefined; readonly inlineValue: boolean | undefined },
): Problem | { readonly value: boolean | number | string } {
  const { rawName, value } = token;
  if (flag.type === "boolean") {
    if (value === undefined || value === "true") return { value: true };
    return value === "false" ? { value: false } : { message: `${rawName} must be true or false, not "${value}"` };
  }
  const swallowsFlag = token.inlineValue !== true && value !== undefined && value.length > 1 && value.startsWith("-");
  if (value === undefined || swallowsFlag)
    return { message: `${rawName} requires a value: ${rawName} ${placeholder(flag)}` };
  if (flag.type === "duration") return readDuration(rawName, value);
  return wrongText(rawName, value, flag) ?? { value };
}

function readDuration(rawName: string, value: string): Problem | { readonly value: number } {
  if (new RegExp(durationPattern).test(value)) return { value: milliseconds(value) };
  return { message: `${rawName} must be a duration, not "${value}"`, hint: "such as 30s, 5m or 1h30m" };
}

interface Wanted {
  readonly choices?: readonly string[];
  readonly names?: Names;
}

/** What no flag and no argument may be: empty, which is what an unset variable of a script leaves, or none of what it can be. */
function wrongText(what: string, text: string, { choices, names }: Wanted): Problem | undefined {
  if (text === "") return { message: `${what} is empty`, hint: "is a shell variable unset?" };
  const wrong = names === undefined ? undefined : wrongName(text, names);
  return wrongChoice(what, text, choices) ?? (wrong && { ...wrong, message: `${what}: ${wrong.message}` });
}

function wrongChoice(what: string, value: string, choices: readonly string[] | undefined): Problem | undefined {
  if (choices === undefined || choices.includes(value)) return undefined;
  const near = nearest(value, choices);
  return {
    message: `${what} must be one of ${choices.join(", ")}, not "${value}"`,
    ...(near === undefined ? {} : { hint: `did you mean ${near}?` }),
  };
}

function append(list: Value, value: boolean | number | string): readonly string[] {
  return [...(Array.isArray(list) ? list : []), String(value)];
}

function unknownFlag(rawName: string, flags: Flags): Problem {
  const near = nearest(rawName.replace(/^-+/, ""), Object.keys(flags));
  return {
    message: `unknown flag ${rawName}`,
    ...(near === undefined || !rawName.startsWith("--") ? {} : { hint: `did you mean --${near}?` }),
  };
}

function pick(flags: Flags, given: ReadonlyMap<string, Value>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(flags).map(([name, flag]) => [name, given.get(name) ?? initial(flag)]));
}

function initial(flag: Flag): Value {
  if (flag.type === "boolean") return false;
  if (flag.type === "duration") return milliseconds(flag.default);
  return flag.type === "list" ? [] : flag.default;
}

function placeArguments(
  words: readonly string[],
  declared: Arguments,
): { readonly values: Readonly<Record<string, string | readonly string[] | undefined>>; readonly problems: Problem[] } {
  const values: Record<string, string | readonly string[] | undefined> = {};
  const problems: Problem[] = [];
  let left = words;
  for (const [name, argument] of Object.entries(declared)) {
    const place = name.toUpperCase();
    if (left.length === 0 && argument.optional !== true)
      problems.push({ message: `${place} is missing: ${argument.summary}` });
    const taken = argument.many === true ? left : left.slice(0, 1);
    for (const word of taken) problems.push(...[wrongText(place, word, argument)].filter((p) => p !== undefined));
    values[name] = argument.many === true ? taken : taken[0];
    left = argument.many === true ? [] : left.slice(1);
  }
  for (const word of left) problems.push({ message: `unexpected argument "${word}"` });
  return { values, problems };
}
