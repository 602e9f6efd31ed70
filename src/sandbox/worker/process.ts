import type { ChildProcess } from "node:child_process";
import { type Alarm, after, reportBug } from "../../clock/index.ts";
import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { type FromWorker, fromWire, invalidMessage, type ToWorker, type TreeQuery, toWire } from "./protocol.ts";
import { replyTo } from "./remote-tree.ts";
import { startWorker, type WorkerLimits } from "./spawn.ts";
import type { Task } from "./tasks.ts";
import { type Usage, usageOf } from "./usage.ts";

/** The outcome of a task, and the processor time it took. */
export type TaskOutcome = (Answer & { readonly cpuMs: number }) | Unanswered;

type Answer =
  | { readonly type: "done"; readonly parts: readonly unknown[] }
  | { readonly type: "failed"; readonly failure: Failure };

/** A task that ended without an answer. */
export type Unanswered =
  /** It exceeded a limit, and its worker was ended with it; the processor time, where the system tells it. */
  | { readonly type: "exceeded"; readonly what: ExceededLimit; readonly cpuMs?: number | undefined }
  /** It was cancelled, or its worker ended before it began. */
  | { readonly type: "stopped" };

/** The limit that a task exceeded. */
export type ExceededLimit = "processor" | "time" | "memory";

/** The limits of a task and its worker. */
export interface TaskLimits extends WorkerLimits, TaskTime {
  /** Of the whole worker: programs and libraries, and what buffers hold outside the heap, stand beside the heap. */
  readonly memoryMiB: number;
}

/** How long a task may take. */
export interface TaskTime {
  /** Of the processor: how busy the machine is with others makes no difference. Where the system does not tell it: nothing. */
  readonly cpuMs: number;
  /** By the clock, for what waits as well. */
  readonly deadlineMs: number;
}

interface Running {
  readonly tree: FileTree;
  readonly parts: unknown[];
  readonly done: PromiseWithResolvers<Answer | Unanswered>;
  readonly started: number;
  readonly cpuMsBefore: number;
  readonly mostCpuMs: number;
  /** What it had taken at the last measurement. */
  cpuMs?: number;
  readonly timer: Alarm;
}

/** A worker beyond so much of its memory gets no further task: what one left behind must not count against the next. */
const retireAbove = 3 / 4;
/** Starting takes half a second on a slow machine. */
const startMs = 60_000;

/** How a worker is started. */
export type StartWorker = (limits: WorkerLimits) => ChildProcess;

/** Called by a worker. */
export interface WorkerEvents {
  /** It can be given tasks from now on. */
  readonly ready: () => void;
  /** It gets no further task; with a `Failure` (Bug) where it could not be started at all. */
  readonly gone: (trouble?: Failure) => void;
}

/** One worker: a process that runs one task after the other until one of them exceeds a limit. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #limits: TaskLimits;
  readonly #events: WorkerEvents;
  readonly #starting: Alarm;
  #isReady = false;
  #isRetired = false;
  #running: Running | undefined;
  #exceeded: ExceededLimit | undefined;
  #ended = false;
  #gone = false;

  constructor(limits: TaskLimits, events: WorkerEvents, start: StartWorker = startWorker) {
    this.#limits = limits;
    this.#events = events;
    this.#child = start(limits);
    this.#starting = after(startMs, () => this.#giveUpStart(), reportBug);
    // Narrowed by its `type` here, by `fromWire` and by whoever asked for the parts.
    this.#child.on("message", (message: FromWorker) => this.#receive(message));
    const gone = (how: unknown, by?: unknown) => {
      if (this.#gone) return;
      this.#gone = true;
      this.#finish({ type: "exceeded", what: this.#exceeded ?? "memory", cpuMs: this.#running?.cpuMs });
      this.#retire(how instanceof Error ? how : `it ended with ${by ?? how}`);
    };
    this.#child.on("exit", gone);
    this.#child.on("error", gone);
  }

  /** Since when the task at hand is at work, by the monotonic clock; undefined where there is none. */
  get busySince(): number | undefined {
    return this.#running?.started;
  }

  /** It can be given a task, if it has none. */
  get isReady(): boolean {
    return this.#isReady;
  }

  /** Runs a task, once it is ready. */
  async run(task: Task, tree: FileTree, { cpuMs, deadlineMs }: TaskTime = this.#limits): Promise<TaskOutcome> {
    const done = Promise.withResolvers<Answer | Unanswered>();
    const cpuMsBefore = (await this.#usage())?.cpuMs ?? 0;
    if (this.#ended || this.#gone) return { type: "stopped" };
    const timer = after(deadlineMs, () => this.#exceed("time"), reportBug);
    const started = performance.now();
    const running: Running = { tree, parts: [], done, started, cpuMsBefore, mostCpuMs: cpuMs, timer };
    this.#running = running;
    this.#send({ type: "task", task });
    const ended = await done.promise;
    const usage = await this.#usage();
    if (usage !== undefined && usage.memoryMiB > this.#limits.memoryMiB * retireAbove) this.end();
    if (ended.type === "exceeded" || ended.type === "stopped") return ended;
    return { ...ended, cpuMs: usage === undefined ? performance.now() - running.started : usage.cpuMs - cpuMsBefore };
  }

  /** Kills it. What it sent but was not received yet is dropped. */
  end(): void {
    this.#ended = true;
    this.#child.kill("SIGKILL");
    this.#retire();
  }

  /** Kills it where its task exceeded its processor time, or its memory grew beyond what its heap explains. */
  async watch(): Promise<void> {
    const running = this.#running;
    const usage = await this.#usage();
    // Meanwhile it may have come to another task, which answers for nothing that this one did.
    if (running === undefined || usage === undefined || this.#running !== running) return;
    running.cpuMs = usage.cpuMs - running.cpuMsBefore;
    if (usage.memoryMiB > this.#limits.memoryMiB) this.#exceed("memory");
    else if (running.cpuMs > running.mostCpuMs) this.#exceed("processor");
  }

  #exceed(what: ExceededLimit): void {
    this.#exceeded = what;
    this.end();
  }

  #giveUpStart(): void {
    this.#retire(`it was not ready within ${startMs / 1000} s`);
    this.end();
  }

  #onReady(): void {
    this.#starting.stop();
    this.#isReady = true;
    this.#events.ready();
  }

  /** It gets no further task. */
  #retire(trouble?: string | Error): void {
    if (this.#isRetired) return;
    this.#isRetired = true;
    this.#starting.stop();
    this.#events.gone(trouble === undefined || this.#isReady ? undefined : notStarted(trouble));
    this.#isReady = false;
  }

  #usage(): Promise<Usage | undefined> {
    return this.#gone ? Promise.resolve(undefined) : usageOf(this.#child.pid);
  }

  #receive(message: FromWorker): void {
    const running = this.#running;
    if (this.#ended) return;
    if (message.type === "ready") this.#onReady();
    else if (running === undefined) this.end();
    else if (message.type === "part") running.parts.push(message.part);
    else if (message.type === "done") this.#finish({ type: "done", parts: running.parts });
    else if (message.type === "failed") this.#finish({ type: "failed", failure: fromWire(message.failure) });
    else if (message.type === "query") void this.#reply(running, message.id, message.query);
    else this.#finish({ type: "failed", failure: invalidMessage() });
  }

  async #reply({ tree }: Running, id: number, query: TreeQuery): Promise<void> {
    try {
      this.#send({ type: "reply", id, reply: await replyTo(tree, query) });
    } catch (thrown) {
      this.#send({ type: "noReply", id, failure: toWire(thrown) });
    }
  }

  #send(message: ToWorker): void {
    // One that is gone says so by its exit.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #finish(ended: Answer | Unanswered): void {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    running.timer.stop();
    running.done.resolve(ended);
  }
}

/** The failure (Bug) of a worker that could not be started, and of whoever needed it. */
export function notStarted(trouble: unknown): Failure {
  const why = trouble instanceof Error ? trouble.message : trouble;
  return new Failure("Bug", {
    message: `a sandbox worker could not be started: ${why}`,
    hint: "the agent runs Node in child processes: allow it to start them",
  });
}
