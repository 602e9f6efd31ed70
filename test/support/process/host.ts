import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Failure, type FailureCode } from "../../../src/model/failure.ts";
import { createProcessGroup, type ProcessGroup } from "./process-group.ts";

/** What every host is told: the folder that is its own, which it removes in the end. */
export interface Task {
  readonly dir: string;
}

/** A process that keeps real servers running for this one. */
export interface Host<Ready> {
  /** What it said once everything ran. */
  readonly ready: Ready;
  /** Ends every process and removes every file. Safe to call twice. */
  readonly stop: () => Promise<void>;
}

/** Which program is the host, and how a failure to start is told. */
export interface HostProgram {
  readonly script: string;
  /** `the control plane`. */
  readonly what: string;
  readonly code: FailureCode;
}

/**
 * Starts a host in a session of its own, so that Ctrl-C reaches only us; it ends when its standard input does, which the
 * system sees to even when this process is killed. Throws a failure with its own words when it ends before it is ready.
 */
export async function startHost<Ready>(program: HostProgram, task: Task): Promise<Host<Ready>> {
  const child = spawn(process.execPath, [program.script, JSON.stringify(task)], {
    detached: true,
    stdio: ["pipe", "pipe", "pipe"],
  });
  const words: string[] = [];
  child.stderr.on("data", (chunk: Buffer) => words.push(chunk.toString("utf8")));
  child.stdin.on("error", () => undefined);
  const gone = once(child, "close").then(() => removeRest(child, task.dir));
  const ready = once(createInterface({ input: child.stdout }), "line").then(([line]) => JSON.parse(line) as Ready);
  const failed = gone.then(() => {
    throw new Failure(program.code, { message: `${program.what} ended: ${words.join("").trim()}` });
  });
  const stop = (): Promise<void> => {
    child.stdin.end();
    return gone;
  };
  try {
    return { ready: await Promise.race([ready, failed]), stop };
  } catch (thrown) {
    await stop();
    throw thrown;
  }
}

/** What a host that was killed itself could not clean up: its group of processes and its folder. */
async function removeRest(child: ChildProcess, dir: string): Promise<void> {
  if (!existsSync(dir)) return;
  try {
    if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
  } catch {
    // Nobody is left in the group.
  }
  await rm(dir, { recursive: true, force: true, maxRetries: 5 });
}

/** Starts the servers, as part of a group; what it answers is told to the parent. It may go on until the signal aborts. */
export type StartServers<Ready> = (
  group: ProcessGroup,
  announce: (ready: Ready) => void,
  signal: AbortSignal,
) => Promise<void>;

/** The other side: the life of a host, from its start to the end of its parent, or of the first of its servers. */
export async function liveAsHost<Ready>({ dir }: Task, start: StartServers<Ready>): Promise<never> {
  const stopped = new AbortController();
  const group = createProcessGroup(join(dir, "logs"), (message) => {
    process.stderr.write(`${message}\n`);
    stopped.abort();
  });
  process.stdin.resume().once("close", () => stopped.abort());
  // Nobody listens any more when the parent is gone, and that must not keep us from tidying up.
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => stopped.abort());
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => stopped.abort());
  const announce = (ready: Ready): void => void process.stdout.write(`${JSON.stringify(ready)}\n`);
  const run = start(group, announce, stopped.signal).catch((thrown: unknown) => {
    if (!stopped.signal.aborted) process.stderr.write(`${thrown instanceof Error ? thrown.message : thrown}\n`);
    stopped.abort();
  });
  await new Promise((resolve) => stopped.signal.addEventListener("abort", resolve, { once: true }));
  await group.killAll();
  await run;
  rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  process.exit();
}
