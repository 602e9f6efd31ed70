import { createHash } from "node:crypto";
import { serialize } from "node:v8";
import { Failure, failureClasses } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import { createConduct, mostOffences } from "./conduct.ts";
import { type Job, Lane } from "./lane.ts";
import type { Owner } from "./queue.ts";
import type { Task } from "./tasks.ts";
import type { Ended, Spent, StartWorker, TaskLimits } from "./worker-process.ts";

/** Where what tenants supply is worked with: processes beside the agent, each with a deadline and a limit of memory. */
export interface Sandbox {
  /**
   * Does a task for an Environment and answers with the parts of its answer. Throws the `Failure` that the task ends in;
   * TooExpensive where it takes more time or memory than one may; Interrupted where it was given up.
   */
  run(owner: Owner, task: Task, tree: FileTree, signal?: AbortSignal): Promise<readonly unknown[]>;
  /** Ends all workers, and gives up what they do. */
  close(): void;
}

/** What a task may take, at first and in all. */
export interface SandboxLimits {
  /** Nearly all tasks are done within this. */
  readonly quick: TaskLimits;
  /** Those that are not are done again with more, one at a time and behind everything else. */
  readonly long: TaskLimits;
  /** So many quick ones are at work at most. */
  readonly quickWorkers: number;
}

/** What fits beside an agent in 1.5 GiB, and takes an environment of 10,000 objects. */
export const standardLimits: SandboxLimits = {
  quick: { heapMiB: 96, cpuMs: 2_000, deadlineMs: 20_000, nice: 5 },
  long: { heapMiB: 512, cpuMs: 30_000, deadlineMs: 60_000, nice: 10 },
  quickWorkers: 4,
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
  const conduct = createConduct(() => performance.now());
  const offences = (owner: Owner) => conduct.offences(owner);
  const shared = { offences, ...(start === undefined ? {} : { start }) };
  const quick = new Lane({ ...limits.quick, ...shared, keep: 1, most: limits.quickWorkers });
  const long = new Lane({ ...limits.long, ...shared, keep: 0, most: 1 });
  const treeName = treeNames();
  let closed = false;

  async function work(job: Job, signal: AbortSignal | undefined): Promise<Ended> {
    const { owner, task } = job;
    const isExhausted = conduct.isExhausted(owner);
    const tried = conduct.needsMuch(owner, task.kind) && !isExhausted ? undefined : await quick.run(job, signal);
    if (tried !== undefined && tried.type !== "spent") return tried;
    if (tried !== undefined && isExhausted) {
      const failure = exhausted(tried.what, limits.quick);
      conduct.noteRefusal(owner, nameOf(job), failure);
      return { type: "failed", failure };
    }
    const ended = await long.run(job, signal);
    if (ended.type === "spent") {
      const failure = tooExpensive(ended.what, limits.long);
      conduct.noteOffence(owner, nameOf(job), failure);
      return { type: "failed", failure };
    }
    // What took long because the machine was busy is tried as a quick one again; what took much, after ten minutes.
    const tookMuch = ended.type === "done" && ended.cpuMs > limits.quick.cpuMs;
    if (tookMuch || (tried?.what === "memory" && ended.type === "done")) conduct.noteMuch(owner, task.kind);
    return ended;
  }

  const nameOf = ({ task, tree }: Job) =>
    `${treeName(tree)} ${createHash("sha256").update(serialize(task)).digest("base64")}`;

  return {
    async run(owner, task, tree, signal) {
      if (closed) throw stopping();
      const job = { owner, task, tree };
      const known = conduct.knows(owner) ? conduct.failureOf(owner, nameOf(job)) : undefined;
      if (known !== undefined) throw known;
      const ended = await work(job, signal);
      if (ended.type === "done") return ended.parts;
      if (ended.type === "failed") {
        if (failureClasses[ended.failure.code].retry === "never") conduct.noteWrong(owner, nameOf(job), ended.failure);
        throw ended.failure;
      }
      signal?.throwIfAborted();
      throw stopping();
    },
    close() {
      closed = true;
      quick.close();
      long.close();
    },
  };
}

function stopping(): Failure {
  return new Failure("Interrupted", { message: "the agent is stopping" });
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

function tooExpensive(what: Spent, limits: TaskLimits): Failure {
  const message = `what this Environment supplies ${takes(what, limits)} to work out, and was given up`;
  return new Failure("TooExpensive", { message, hint });
}

/** It would perhaps have been done with more, which others had too much of. */
function exhausted(what: Spent, limits: TaskLimits): Failure {
  const others = `${mostOffences} other versions of it took too much within ten minutes, so this one got no more`;
  const message = `what this Environment supplies ${takes(what, limits)} to work out, and was given up: ${others}`;
  return new Failure("TooExpensive", { message, hint });
}

function takes(what: Spent, { cpuMs, deadlineMs, heapMiB }: TaskLimits): string {
  if (what === "memory") return `takes more memory than ${heapMiB} MiB`;
  return what === "time"
    ? `takes longer than ${deadlineMs / 1000} s`
    : `takes longer than ${cpuMs / 1000} s of processor time`;
}
