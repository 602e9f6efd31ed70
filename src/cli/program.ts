import { toFailure } from "../model/failure.ts";
import type { Entry, Surroundings } from "./command/command.ts";
import { findCommand } from "./command/find-command.ts";
import { commandHelp, programHelp } from "./command/help.ts";
import { parseCommandLine } from "./command/parse.ts";
import { exitCodes } from "./exit-codes.ts";
import { formatFailure } from "./print/failure.ts";
import { asLines } from "./print/lines.ts";
import { forPeople, forReaders } from "./print/screen.ts";
import type { Output, Sink } from "./print/streams.ts";
import { type ColourMode, styleFor } from "./print/style.ts";
import { programVersion } from "./version.ts";

/** The flags of a line that names no command. */
const programFlags = { version: { type: "boolean", summary: "Print the version of this program" } } as const;

/**
 * Runs one command line and gives the exit code: the command's own; 2 for a line that cannot be followed; 70 for a bug; 1,
 * or what the command says instead, for any other failure, which is printed to stderr. Never throws.
 */
export async function runProgram(
  args: readonly string[],
  registry: readonly Entry[],
  surroundings: Surroundings,
): Promise<number> {
  const frame: Frame = { registry, surroundings };
  try {
    const [first, ...others] = args;
    const found = findCommand(first === "help" ? [...others, "--help"] : args, registry);
    if (found.type === "group") return showGroup(frame, found.words, found.rest);
    return await runCommand(frame, found.entry, found.rest);
  } catch (thrown) {
    return report(frame, thrown, { errorExit: exitCodes.failed, mode: "auto", verbose: false });
  }
}

interface Frame {
  readonly registry: readonly Entry[];
  readonly surroundings: Surroundings;
}

async function runCommand(frame: Frame, entry: Entry, rest: readonly string[]): Promise<number> {
  const { registry, surroundings } = frame;
  const command = await entry.load();
  const parsed = parseCommandLine(rest, command);
  const mode = parsed.global.color;
  const stdout = output(surroundings.stdout, mode, surroundings);
  const stderr = output(surroundings.stderr, mode, surroundings);
  if (parsed.global.help) {
    stdout.write(commandHelp(entry, command, stdout.style));
    return 0;
  }
  try {
    return await command.run({ ...surroundings, ...parsed, stdout, stderr, registry });
  } catch (thrown) {
    return report(frame, thrown, {
      errorExit: command.errorExit ?? exitCodes.failed,
      mode,
      verbose: parsed.global.verbose,
    });
  }
}

function showGroup(frame: Frame, words: readonly string[], rest: readonly string[]): number {
  const { flags, global } = parseCommandLine(rest, { flags: programFlags, arguments: {} });
  const stdout = output(frame.surroundings.stdout, global.color, frame.surroundings);
  stdout.write(flags.version ? `mooring ${programVersion}\n` : programHelp(frame.registry, words, stdout.style));
  return 0;
}

function output(sink: Sink, mode: ColourMode, { env }: Surroundings): Output {
  return {
    isTerminal: sink.isTerminal,
    style: styleFor(mode, sink.isTerminal, env),
    line: (text) => sink.write(forPeople(asLines([text]))),
    write: (text) => sink.write(forPeople(text)),
    writeData: (data) => sink.write(forReaders(data, sink.isTerminal)),
  };
}

interface Reporting {
  readonly errorExit: number;
  readonly mode: ColourMode;
  readonly verbose: boolean;
}

function report({ surroundings }: Frame, thrown: unknown, how: Reporting): number {
  if (surroundings.signal.aborted) return exitCodes.interrupted;
  const failure = toFailure(thrown);
  const stderr = output(surroundings.stderr, how.mode, surroundings);
  stderr.write(formatFailure(failure, stderr.style, how.verbose));
  if (failure.code === "Interrupted") return exitCodes.interrupted;
  if (failure.code === "Bug") return exitCodes.bug;
  return failure.code === "UsageInvalid" ? exitCodes.usage : how.errorExit;
}
