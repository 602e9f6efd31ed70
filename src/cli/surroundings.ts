import type { Surroundings } from "./command.ts";
import type { Input, Sink } from "./print/streams.ts";

/** What a shell expects of a program whose reader went away: 128 and the number of SIGPIPE. */
const readerGone = 141;

/**
 * The surroundings of a process. The first SIGINT or SIGTERM aborts the signal, so that a command can end in order; the
 * next one ends the process as it would have without us. A reader that closes the pipe (`mooring … | head`) ends it
 * quietly.
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
    if (error.code === "EPIPE") host.exit(readerGone);
    throw error;
  });
  return { isTerminal: stream.isTTY === true, write: (data) => void stream.write(data) };
}

/** Resolves when everything written has left the process, so that it may exit although something still holds it open. */
export async function flushed(host: NodeJS.Process): Promise<void> {
  const empty = (stream: NodeJS.WriteStream) => new Promise<void>((done) => stream.write("", () => done()));
  await Promise.all([empty(host.stdout), empty(host.stderr)]);
}
