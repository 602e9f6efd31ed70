import { toFailure } from "../model/failure.ts";
import { onOneLine } from "../model/text/visible.ts";
import type { Surroundings } from "./command/command.ts";
import { exitCodes } from "./exit-codes.ts";
import { formatFailure } from "./print/failure.ts";
import { forPeople } from "./print/screen.ts";
import type { Input, Sink } from "./print/streams.ts";
import { plainStyle } from "./print/style.ts";

/**
 * The surroundings of a process. The first SIGINT or SIGTERM aborts the signal, so that a command can end in order; the
 * next one ends the process as it would have without us. A reader that closes the pipe (`mooring … | head`) ends it
 * quietly; an output that cannot be written ends it with a word on stderr.
 */
export function processSurroundings(host: NodeJS.Process): Omit<Surroundings, "connect"> {
  const interruption = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) host.once(name, () => interruption.abort());
  return {
    stdin: inputOf(host.stdin),
    stdout: sinkOf(host, host.stdout),
    stderr: sinkOf(host, host.stderr),
    env: host.env,
    cwd: host.cwd(),
    signal: interruption.signal,
    now: () => new Date(),
  };
}

function inputOf(stream: NodeJS.ReadStream): Input {
  return {
    isTerminal: stream.isTTY === true,
    async read() {
      const chunks: Uint8Array[] = [];
      for await (const chunk of stream) chunks.push(chunk);
      return Buffer.concat(chunks);
    },
  };
}

function sinkOf(host: NodeJS.Process, stream: NodeJS.WriteStream): Sink {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") host.exit(exitCodes.readerGone);
    if (stream !== host.stderr) host.stderr.write(`error: standard output cannot be written: ${whyNot(error)}\n`);
    host.exit(exitCodes.usage);
  });
  return { isTerminal: stream.isTTY === true, write: (data) => void stream.write(data) };
}

/** `ENOSPC: no space left on device, write` without what only programs want to know. */
function whyNot({ message }: Error): string {
  return onOneLine(message.replace(/^[A-Z\d]+: /, "").replace(/, \w+$/, ""));
}

/**
 * Ends the process where something is thrown that nobody waits for, with a line that says so and an exit code that no
 * command has for anything else. Whoever takes such things up himself, as the agent does, is left to it.
 */
export function endOnBug(host: NodeJS.Process): void {
  host.on("uncaughtException", (thrown: unknown) => {
    if (host.listenerCount("uncaughtException") > 1) return;
    host.stderr.write(forPeople(formatFailure(toFailure(thrown), plainStyle, false)));
    host.exit(exitCodes.bug);
  });
}

/** Resolves when everything written has left the process, so that it may exit although something still holds it open. */
export async function flushed(host: NodeJS.Process): Promise<void> {
  const empty = (stream: NodeJS.WriteStream) => new Promise<void>((done) => stream.write("", () => done()));
  await Promise.all([empty(host.stdout), empty(host.stderr)]);
}
