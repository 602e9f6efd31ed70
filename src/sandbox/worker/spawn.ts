import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { Socket } from "node:net";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";

/** What a worker may use of the machine. */
export interface WorkerLimits {
  /** Of the heap of JavaScript. */
  readonly heapMiB: number;
  /** From 0 to 19, as of `nice`: how far it stands behind the agent itself where the processor is short. */
  readonly nice: number;
}

/**
 * Starts a worker as a process of its own, which may read the program and nothing else: no files, no network, no
 * environment, no processes and threads (Node's permission model). A process, because running out of memory in a thread
 * ends the whole process as soon as a single allocation does not fit.
 */
export function startWorker({ heapMiB, nice }: WorkerLimits): ChildProcess {
  const { program, args, readable } = entry;
  const limits = [`--max-old-space-size=${heapMiB}`, "--max-semi-space-size=4"];
  const permissions = [
    "--permission",
    "--no-experimental-sqlite",
    ...readable.map((path) => `--allow-fs-read=${path}`),
  ];
  const command = [process.execPath, ...limits, ...permissions, program, ...args];
  const [file = "", ...rest] = leashedBy === undefined ? command : [leashedBy, "-c", leashed, ...command];
  const child = spawn(file, rest, {
    // One arena of malloc: less memory at the same speed.
    env: { MALLOC_ARENA_MAX: "1" },
    stdio: ["ignore", "ignore", "ignore", "ipc", "pipe"],
    serialization: "advanced",
  });
  letGo(child);
  lowerPriority(child, nice);
  return child;
}

/**
 * A worker that goes round does not notice that the agent was killed. So the shell that becomes the worker leaves another one
 * beside it, which reads from a pipe that the agent holds: a line says that the worker is gone, and its end, that the agent is.
 * Where the agent is process 1, as in its Pod, the kernel ends all others with it.
 */
const leashedBy = process.pid === 1 ? undefined : ["/bin/sh"].find((path) => existsSync(path));
const leashed = '(read -r gone <&4 || kill -KILL $$) 3>&- & exec "$0" "$@" 4<&-';

function letGo(child: ChildProcess): void {
  // Of a worker that could not be made there is nothing; it tells of it by an event.
  const leash = child.stdio?.[4];
  if (!(leash instanceof Socket)) return;
  // Whoever reads from it may be gone before the worker is.
  leash.on("error", () => leash.destroy());
  child.once("exit", () => leash.end("gone\n"));
}

/** The argument by which the bundled program knows that it is to be a worker; see `scripts/single-file.ts`. */
const asWorker = "--as-sandbox-worker";

/** From the sources the entry is a file of its own; the bundle is one file for everything. */
const entry = import.meta.url.endsWith(".ts") ? fromSources() : fromBundle();

function fromSources() {
  const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  // Where one of them is a link, both ends are read.
  const parts = ["../../", "../../../node_modules", "../../../package.json"].map(path);
  const readable = [...new Set([...parts, ...parts.map((each) => realpathSync(each))])];
  return { program: path("./main.ts"), args: [], readable };
}

function fromBundle() {
  // A chunk is called `mooring.js/NAME`.
  const program = fileURLToPath(import.meta.url.slice(0, import.meta.url.lastIndexOf("/")));
  return { program, args: [asWorker], readable: [program] };
}

/** As of `nice`. Where the system does not let it, and of a worker that is gone: nothing changes. */
function lowerPriority({ pid }: ChildProcess, nice: number): void {
  if (pid === undefined || nice === 0) return;
  try {
    setPriority(pid, nice);
  } catch (thrown) {
    if (!isSystemError(thrown)) throw thrown;
  }
}

/** That the system said no: https://nodejs.org/api/errors.html#class-systemerror */
function isSystemError(thrown: unknown): boolean {
  return thrown instanceof Error && "code" in thrown && thrown.code === "ERR_SYSTEM_ERROR";
}
