import pino, { type Logger } from "pino";

/** The agent's logger. Messages are static, facts are fields; a field that could hold a credential is never logged. */
export type Log = Logger;

/** Logs JSON lines to standard output, or readable ones to a terminal. */
export async function createLog(level: string, pretty: boolean): Promise<Log> {
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  if (!pretty) return pino(options);
  // As a stream, not as pino's worker thread: that one loads its code from a file, which the bundle does not have.
  const { default: readable } = await import("pino-pretty");
  return pino(options, readable({ translateTime: "SYS:HH:MM:ss", ignore: "pid,hostname", sync: true }));
}
