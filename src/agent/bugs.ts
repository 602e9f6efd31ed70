import { Failure, toFailure } from "../model/failure.ts";
import type { Log } from "./log.ts";

/** What threw where nobody waited for it. */
export interface BugWatch {
  /** Aborts, with a `Failure`, when bugs come so fast that going on makes no sense. */
  readonly storm: AbortSignal;
  close(): void;
}

/** So many within a minute are a storm. */
const stormSize = 50;
const stormMs = 60_000;

/**
 * Takes over what Node ends a process for: a rejection that nobody handles, an exception in a callback that no pass waits
 * for. Each is logged as the bug it is, and counted, and the agent goes on: one object, one repository or one server that
 * provokes it must not stop the rollouts of everybody else, again after every restart. What it hit is still bounded by its
 * deadline. A storm of them is another matter.
 */
export function watchForBugs(log: Log, counted: () => void): BugWatch {
  const storm = new AbortController();
  let recent: readonly number[] = [];
  const met = (thrown: unknown): void => {
    const now = performance.now();
    recent = [...recent.filter((at) => now - at < stormMs), now];
    if (recent.length > stormSize) {
      const hint = "this is a bug in mooring: please report it with the log before this";
      storm.abort(new Failure("Bug", { message: `more than ${stormSize} internal errors within a minute`, hint }));
      return;
    }
    counted();
    logBug(log, toFailure(thrown));
  };
  process.on("unhandledRejection", met);
  process.on("uncaughtException", met);
  return {
    storm: storm.signal,
    close() {
      process.off("unhandledRejection", met);
      process.off("uncaughtException", met);
    },
  };
}

/** Logs a failure that nobody expected, with where it was thrown. */
function logBug(log: Log, { code, problems, cause }: Failure): void {
  log.error({ code, problems, stack: framesOf(cause) }, "this is a bug in mooring");
}

/**
 * Logs what was thrown and goes no further: a `Failure` with its problems, and of anything else where it was thrown, as the
 * bug that it is.
 */
export function logThrown(
  log: Log,
  what: string,
  thrown: unknown,
  fields: Readonly<Record<string, string>> = {},
): void {
  const failure = toFailure(thrown);
  log.warn({ ...fields, code: failure.code, problems: failure.problems }, what);
  if (failure.code === "Bug") log.error({ ...fields, stack: framesOf(failure.cause) }, "this is a bug in mooring");
}

/** Where an unexpected error was thrown. Its message is left out: it may quote what it was about, a Secret perhaps. */
function framesOf(cause: unknown): readonly string[] {
  const stack = cause instanceof Error ? (cause.stack ?? "") : "";
  return stack
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line.startsWith("at "));
}
