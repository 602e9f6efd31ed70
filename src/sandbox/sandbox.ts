import { createHash } from "node:crypto";
import { serialize } from "node:v8";
import { Failure } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import { type Job, Lane } from "./lane.ts";
import { type Owner, ownerKey } from "./queue.ts";
import type { Task } from "./tasks.ts";
import type { Ended, TaskLimits } from "./worker-process.ts";

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
  quick: { heapMiB: 96, deadlineMs: 2_000, nice: 5 },
  long: { heapMiB: 512, deadlineMs: 60_000, nice: 15 },
  quickWorkers: 4,
};

/** So long it is remembered of an Environment that it needs much, or took too much. */
const memoryMs = 10 * 60_000;
const mostRemembered = 10_000;

interface Remembered {
  readonly until: number;
  /** It is not tried as a quick one first. */
  readonly needsMuch: boolean;
  /** What took too much, and what came of it: the same again gets the same answer. */
  readonly offence: { readonly input: string; readonly failure: Failure; readonly times: number } | undefined;
}

const noTree: FileTree = {
  entry: async () => undefined,
  read: async (path) => {
    throw new Failure("PathNotFound", { message: "there are no files here", file: path });
  },
  list: async () => [],
};

/** No worker is started before one is needed. */
export function createSandbox(limits: SandboxLimits = standardLimits): Sandbox {
  const remembered = new Map<string, Remembered>();
  const recall = (owner: Owner): Remembered | undefined => {
    const found = remembered.get(ownerKey(owner));
    return found !== undefined && found.until > performance.now() ? found : undefined;
  };
  const remember = (owner: Owner, what: Omit<Remembered, "until">) => {
    remembered.delete(ownerKey(owner));
    remembered.set(ownerKey(owner), { ...what, until: performance.now() + memoryMs });
    for (const oldest of remembered.keys()) if (remembered.size > mostRemembered) remembered.delete(oldest);
  };
  const offences = (owner: Owner) => recall(owner)?.offence?.times ?? 0;
  const quick = new Lane({ ...limits.quick, keep: 1, most: limits.quickWorkers, offences });
  const long = new Lane({ ...limits.long, keep: 0, most: 1, offences });
  const treeName = treeNames();
  let closed = false;

  async function work(job: Job, signal: AbortSignal | undefined): Promise<Ended> {
    const known = recall(job.owner);
    if (known?.needsMuch !== true) {
      const ended = await quick.run(job, signal);
      if (ended.type !== "spent") return ended;
    }
    const ended = await long.run(job, signal);
    if (ended.type !== "spent") {
      if (ended.type === "done") remember(job.owner, { needsMuch: true, offence: undefined });
      return ended;
    }
    const failure = tooExpensive(ended.what, limits.long);
    const offence = { input: nameOf(job), failure, times: offences(job.owner) + 1 };
    remember(job.owner, { needsMuch: false, offence });
    return { type: "failed", failure };
  }

  const nameOf = ({ task, tree }: Job) =>
    `${treeName(tree)} ${createHash("sha256").update(serialize(task)).digest("base64")}`;

  return {
    async run(owner, task, tree, signal) {
      if (closed) throw stopping();
      const job = { owner, task, tree };
      const offence = recall(owner)?.offence;
      if (offence !== undefined && offence.input === nameOf(job)) throw offence.failure;
      const ended = await work(job, signal);
      if (ended.type === "done") return ended.parts;
      if (ended.type === "failed") throw ended.failure;
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

/** Gives every tree a name of its own. */
function treeNames(): (tree: FileTree) => number {
  const names = new WeakMap<FileTree, number>();
  let last = 0;
  return (tree) => {
    const name = names.get(tree) ?? last + 1;
    last = Math.max(last, name);
    names.set(tree, name);
    return name;
  };
}

function tooExpensive(what: "time" | "memory", { deadlineMs, heapMiB }: TaskLimits): Failure {
  const limit = what === "time" ? `longer than ${deadlineMs / 1000} s` : `more memory than ${heapMiB} MiB`;
  return new Failure("TooExpensive", {
    message: `what this Environment supplies takes ${limit} to work out, and was given up`,
    hint: "look for patches, replacements, templates or expressions that multiply; or split it into several Environments",
  });
}
