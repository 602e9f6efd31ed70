import { createHash } from "node:crypto";
import { serialize } from "node:v8";
import { Failure, failureClasses } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import type { Owner } from "./lanes/fair-queue.ts";
import { type Job, Lane } from "./lanes/lane.ts";
import { createOwnerHistory, type LaneName, laneNames, mostOverruns } from "./lanes/owner-history.ts";
import type { ExceededLimit, StartWorker, TaskLimits, TaskOutcome } from "./worker/process.ts";
import type { Task } from "./worker/tasks.ts";

/** Runs tasks over untrusted input in worker processes, each with a deadline and a memory limit. */
export interface Sandbox {
  /**
   * Runs a task for an Environment and returns the parts of its result. Throws the `Failure` that the task ends in;
   * TooExpensive where it exceeds its limits; Interrupted where the sandbox is closed.
   */
  run(owner: Owner, task: Task, tree: FileTree, signal?: AbortSignal): Promise<readonly unknown[]>;
  /** Ends all workers, and cancels their tasks. */
  close(): void;
}

/**
 * Limits by lane. Nearly all tasks are quick. One that is not runs again in the slow lane, whose workers have a lower
 * priority, and then in the long one.
 */
export type SandboxLimits = Readonly<Record<LaneName, LaneLimits>>;

interface LaneLimits extends TaskLimits {
  /** The most workers. */
  readonly workers: number;
}

/**
 * What fits beside an agent in 2 GiB, and takes an environment of 10,000 objects. The workers come to 1,568 MiB at most, of
 * which each counts 42 MiB of the program that they share.
 */
export const standardLimits: SandboxLimits = {
  quick: { heapMiB: 64, memoryMiB: 160, cpuMs: 400, deadlineMs: 20_000, nice: 5, workers: 3 },
  slow: { heapMiB: 96, memoryMiB: 192, cpuMs: 2_000, deadlineMs: 30_000, nice: 10, workers: 2 },
  long: { heapMiB: 512, memoryMiB: 704, cpuMs: 30_000, deadlineMs: 120_000, nice: 10, workers: 1 },
};

const noTree: FileTree = {
  entry: async () => undefined,
  read: async (path) => {
    throw new Failure("PathNotFound", { message: "there are no files here", file: path });
  },
  list: async () => [],
};

/** No worker is started before one is needed. */
export function createSandbox(limits: SandboxLimits = standardLimits, start?: StartWorker): Sandbox {
  const history = createOwnerHistory(() => performance.now());
  const overruns = (owner: Owner) => history.overruns(owner);
  const lane = (name: LaneName, options: { readonly keep: number; readonly finishesCancelled?: boolean }) => {
    const { workers: most, ...its } = limits[name];
    const ended = (job: Job, how: TaskOutcome) => noteEnd(name, job, how);
    return new Lane({ ...its, ...options, most, overruns, ended, ...(start === undefined ? {} : { start }) });
  };
  const lanes = {
    quick: lane("quick", { keep: 1, finishesCancelled: true }),
    slow: lane("slow", { keep: 1 }),
    long: lane("long", { keep: 0 }),
  };
  const treeName = treeNames();
  let closed = false;

  async function work(job: Job, signal: AbortSignal | undefined): Promise<TaskOutcome> {
    if (history.isExhausted(job.owner)) return workForExhausted(job, signal);
    return workIn(history.laneOf(job.owner, job.task.kind), job, signal);
  }

  /** `exceeded` is what it took too much of in the lane before. */
  async function workIn(
    name: LaneName,
    job: Job,
    signal: AbortSignal | undefined,
    exceeded?: ExceededLimit,
  ): Promise<TaskOutcome> {
    const ended = await lanes[name].run(job, signal);
    if (ended.type === "stopped") return ended;
    if (ended.type !== "exceeded") {
      // It took long because the machine was busy.
      if (exceeded === "time") history.noteLane(job.owner, job.task.kind, laneFor(ended.cpuMs));
      return ended;
    }
    const next = laneAfter(name);
    if (next !== undefined) return workIn(next, job, signal, ended.what);
    const failure = tooExpensive(ended.what, limits[name]);
    // The machine was too busy, as far as that is measured: no overrun, but the same is not tried again for a while.
    if (ended.what === "time" && ended.cpuMs !== undefined) history.noteFailure(job.owner, nameOf(job), failure);
    else history.noteOverrun(job.owner, nameOf(job), failure);
    throw failure;
  }

  const laneFor = (cpuMs: number): LaneName => laneNames.find((name) => cpuMs <= limits[name].cpuMs) ?? "long";

  /** Also where nobody waits for it any more: else an owner that always moves on before the end would be quick each time. */
  function noteEnd(name: LaneName, { owner, task }: Job, ended: TaskOutcome): void {
    if (ended.type === "stopped") return;
    const its = ended.type === "exceeded" ? (laneAfter(name) ?? name) : laneFor(ended.cpuMs);
    // A task that needed the memory of this lane takes less time than it has here, and needs the memory the next time too.
    const isLess = laneNames.indexOf(its) < laneNames.indexOf(name);
    if (its !== "quick" && !isLess) history.noteLane(owner, task.kind, its);
  }

  /** After all other tasks, and with the limits of a slow one. */
  async function workForExhausted(job: Job, signal: AbortSignal | undefined): Promise<TaskOutcome> {
    const { cpuMs, deadlineMs } = limits.slow;
    const ended = await lanes.long.run({ ...job, atMost: { cpuMs, deadlineMs } }, signal);
    if (ended.type !== "exceeded") return ended;
    const most = { ...limits.long, cpuMs, deadlineMs };
    const failure = ended.what === "memory" ? tooExpensive(ended.what, most) : exhausted(ended.what, most);
    history.noteRefusal(job.owner, nameOf(job), failure);
    throw failure;
  }

  const nameOf = ({ task, tree }: Job) =>
    `${treeName(tree)} ${createHash("sha256").update(serialize(task)).digest("base64")}`;

  return {
    async run(owner, task, tree, signal) {
      if (closed) throw stopping();
      const job = { owner, task, tree };
      const known = history.hasFailures(owner) ? history.failureOf(owner, nameOf(job)) : undefined;
      if (known !== undefined) throw known;
      const ended = await work(job, signal);
      if (ended.type === "done") return ended.parts;
      if (ended.type === "failed") {
        if (failureClasses[ended.failure.code].retry === "never")
          history.noteFailure(owner, nameOf(job), ended.failure);
        throw ended.failure;
      }
      signal?.throwIfAborted();
      throw stopping();
    },
    close() {
      closed = true;
      for (const each of Object.values(lanes)) each.close();
    },
  };
}

function stopping(): Failure {
  return new Failure("Interrupted", { message: "the agent is stopping" });
}

function laneAfter(name: LaneName): LaneName | undefined {
  return laneNames[laneNames.indexOf(name) + 1];
}

/** The tree of those tasks that need none. */
export const withoutFiles = noTree;

/** Names trees: those with the same content alike, where they know what that is, and every other one for itself. */
function treeNames(): (tree: FileTree) => string {
  const names = new WeakMap<FileTree, string>();
  let last = 0;
  return (tree) => {
    const known = tree.id === undefined ? names.get(tree) : `content ${tree.id}`;
    if (known !== undefined) return known;
    last += 1;
    names.set(tree, `${last}`);
    return `${last}`;
  };
}

const hint =
  "look for patches, replacements, templates or expressions that multiply; or split it into several Environments";

function tooExpensive(what: ExceededLimit, limits: TaskLimits): Failure {
  const message = `the input of this Environment ${takes(what, limits)} to process, and was stopped`;
  return new Failure("TooExpensive", { message, hint });
}

/** It might have ended with more, which its owner has used up. */
function exhausted(what: ExceededLimit, limits: TaskLimits): Failure {
  const others = `${mostOverruns} other versions of it exceeded their limits within ten minutes, so this one got no more time`;
  const message = `the input of this Environment ${takes(what, limits)} to process, and was stopped: ${others}`;
  return new Failure("TooExpensive", { message, hint });
}

function takes(what: ExceededLimit, { cpuMs, deadlineMs, heapMiB }: TaskLimits): string {
  if (what === "memory") return `takes more memory than ${heapMiB} MiB`;
  return what === "time"
    ? `takes longer than ${deadlineMs / 1000} s`
    : `takes longer than ${cpuMs / 1000} s of CPU time`;
}
