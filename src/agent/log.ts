import pino, { type Logger } from "pino";
import { visible } from "../model/text/visible.ts";

/** The agent's logger. Messages are static, facts are fields; a field that could hold a credential is never logged. */
export type Log = Logger;

/**
 * Logs JSON lines to standard output, or readable ones to a terminal. What in them came from Git or the cluster cannot
 * steer a terminal either way.
 */
export async function createLog(level: string, pretty: boolean): Promise<Log> {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (!pretty) {
    const output = pino.destination({ dest: 1, sync: true });
    return pino(options, { write: (line) => output.write(visible(line)) });
  }
  // As a stream, not as pino's worker thread: that one loads its code from a file, which the bundle does not have.
  const { default: readable } = await import("pino-pretty");
  const terminal = readable({ translateTime: "SYS:HH:MM:ss", ignore: "pid,hostname", sync: true });
  return pino(options, { write: (line) => terminal.write(`${JSON.stringify(JSON.parse(line, visibleMember))}\n`) });
}

function visibleMember(_key: string, value: unknown): unknown {
  return typeof value === "string" ? visible(value) : value;
}
