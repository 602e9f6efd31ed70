import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { type Alarm, after, reportBug } from "../../clock/index.ts";
import { untilAborted } from "../../model/async/until-aborted.ts";

/** What may come of a program. */
export type Outcome =
  | { readonly type: "ended"; readonly status: number | null; readonly stdout: string; readonly stderr: string }
  | { readonly type: "notStarted"; readonly cause: unknown }
  | { readonly type: "tooLong" }
  | { readonly type: "tooMuch" };

/** A program to run, and how much of it is waited for. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** On stdout, and as many on stderr. */
  readonly mostBytes: number;
  readonly mostMs: number;
}

/** What a program wrote before its end arrives within this time, unless a child of it keeps its output open: that is not waited for. */
const restOfOutputMs = 1_000;

/**
 * Runs a program without a terminal to its end, and kills it where it exceeds its limits or the signal aborts. Throws the
 * signal's reason.
 */
export async function runProgram(program: Program, signal: AbortSignal): Promise<Outcome> {
  const { command, args, env, mostBytes, mostMs } = program;
  const over = Promise.withResolvers<Outcome | number | null>();
  const alarms: Alarm[] = [];
  const notStarted = (cause: unknown) => over.resolve({ type: "notStarted", cause });
  const child = started(() => spawn(command, args, { env, stdio: ["ignore", "pipe", "pipe"] }));
  if ("cause" in child) return { type: "notStarted", cause: child.cause };
  const [stdout, stderr] = [child.stdout, child.stderr].map((stream) =>
    collect(stream, mostBytes, () => over.resolve({ type: "tooMuch" })),
  );
  child.on("error", notStarted);
  child.once("close", over.resolve);
  child.once("exit", (status) => alarms.push(after(restOfOutputMs, () => over.resolve(status), reportBug)));
  alarms.push(after(mostMs, () => over.resolve({ type: "tooLong" }), reportBug));
  try {
    const outcome = await untilAborted(over.promise, signal);
    if (typeof outcome === "object" && outcome !== null) return outcome;
    return { type: "ended", status: outcome, stdout: stdout?.() ?? "", stderr: stderr?.() ?? "" };
  } finally {
    for (const alarm of alarms) alarm.stop();
    child.kill("SIGKILL");
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** `spawn` throws for arguments that no program can get. */
function started<Child>(start: () => Child): Child | { readonly cause: unknown } {
  try {
    return start();
  } catch (cause) {
    return { cause };
  }
}

/** Gives what was read so far. */
function collect(stream: Readable, mostBytes: number, exceeded: () => void): () => string {
  const parts: Buffer[] = [];
  let size = 0;
  stream.on("data", (part: Buffer) => {
    size += part.length;
    if (size > mostBytes) exceeded();
    else parts.push(part);
  });
  return () => Buffer.concat(parts).toString();
}
