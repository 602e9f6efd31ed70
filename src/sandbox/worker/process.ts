import type { ChildProcess } from "node:child_process";
import { type Alarm, after, reportBug } from "../../clock/index.ts";
import { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { type FromWorker, fromWire, garbled, type ToWorker, type TreeQuestion, toWire } from "./protocol.ts";
import { answerTo } from "./remote-tree.ts";
import { startWorker, type WorkerLimits } from "./spawn.ts";
import type { Task } from "./tasks.ts";
import { type Usage, usageOf } from "./usage.ts";

/** How a task ended in a worker, and what it took of the processor. */
export type Ended = (Answer & { readonly cpuMs: number }) | Cut;

type Answer =
  | { readonly type: "done"; readonly parts: readonly unknown[] }
  | { readonly type: "failed"; readonly failure: Failure };

/** How it ended before it came to an answer. */
export type Cut =
  /** It took more than it may, and its worker was ended with it; how much of the processor, where the system tells it. */
  | { readonly type: "spent"; readonly what: Spent; readonly cpuMs?: number | undefined }
  /** It was given up, or its worker was gone before it began. */
  | { readonly type: "stopped" };

/** What a task took too much of. */
export type Spent = "processor" | "time" | "memory";

/** What a task may take, and may use of the machine. */
export interface TaskLimits extends WorkerLimits, TaskTime {
  /** Of the whole worker: programs and libraries, and what buffers hold outside the heap, stand beside the heap. */
  readonly memoryMiB: number;
}

/** What a task may take. */
export interface TaskTime {
  /** Of the processor: how busy the machine is with others makes no difference. Where the system does not tell it: nothing. */
  readonly cpuMs: number;
  /** By the clock, for what waits as well. */
  readonly deadlineMs: number;
}

interface Running {
  readonly tree: FileTree;
  readonly parts: unknown[];
  readonly done: PromiseWithResolvers<Answer | Cut>;
  readonly started: number;
  readonly cpuMsBefore: number;
  readonly mostCpuMs: number;
  /** What it took when it was last looked at. */
  cpuMs?: number;
  readonly timer: Alarm;
}

/** Beyond so much of its memory, a worker gets no further task: what one left behind is not to be the next one's fault. */
const wornOut = 3 / 4;
/** Starting takes half a second on a slow machine. */
const startMs = 60_000;

/** How a worker is started. */
export type StartWorker = (limits: WorkerLimits) => ChildProcess;

/** What becomes of a worker. */
export interface Fate {
  /** It can be given tasks from now on. */
  readonly ready: () => void;
  /** It gets no further task; with a `Failure` (Bug) where it could not be started at all. */
  readonly gone: (trouble?: Failure) => void;
}

/** One worker: a process that does one task after the other until one of them takes too much. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #limits: TaskLimits;
  readonly #fate: Fate;
  readonly #starting: Alarm;
  #isReady = false;
  #hasLeft = false;
  #running: Running | undefined;
  #spent: Spent | undefined;
  #ended = false;
  #gone = false;

  constructor(limits: TaskLimits, fate: Fate, start: StartWorker = startWorker) {
    this.#limits = limits;
    this.#fate = fate;
    this.#child = start(limits);
    this.#starting = after(startMs, () => this.#giveUpStart(), reportBug);
    // Narrowed by its `type` here, by `fromWire` and by whoever asked for the parts.
    this.#child.on("message", (message: FromWorker) => this.#hear(message));
    const gone = (how: unknown, by?: unknown) => {
      if (this.#gone) return;
      this.#gone = true;
      this.#finish({ type: "spent", what: this.#spent ?? "memory", cpuMs: this.#running?.cpuMs });
      this.#leave(how instanceof Error ? how : `it ended with ${by ?? how}`);
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

  /** Does a task, once it is ready. */
  async run(task: Task, tree: FileTree, { cpuMs, deadlineMs }: TaskTime = this.#limits): Promise<Ended> {
    const done = Promise.withResolvers<Answer | Cut>();
    const cpuMsBefore = (await this.#usage())?.cpuMs ?? 0;
    if (this.#ended || this.#gone) return { type: "stopped" };
    const timer = after(deadlineMs, () => this.#exceed("time"), reportBug);
    const started = performance.now();
    const running: Running = { tree, parts: [], done, started, cpuMsBefore, mostCpuMs: cpuMs, timer };
    this.#running = running;
    this.#send({ type: "task", task });
    const ended = await done.promise;
    const usage = await this.#usage();
    if (usage !== undefined && usage.memoryMiB > this.#limits.memoryMiB * wornOut) this.end();
    if (ended.type === "spent" || ended.type === "stopped") return ended;
    return { ...ended, cpuMs: usage === undefined ? performance.now() - running.started : usage.cpuMs - cpuMsBefore };
  }

  /** Ends it at once, whatever it does. What it says from then on is not heard. */
  end(): void {
    this.#ended = true;
    this.#child.kill("SIGKILL");
    this.#leave();
  }

  /** Ends it where the task at hand took too much of the processor, or its memory grew beyond what its heap explains. */
  async watch(): Promise<void> {
    const running = this.#running;
    const usage = await this.#usage();
    // Meanwhile it may have come to another task, which answers for nothing that this one did.
    if (running === undefined || usage === undefined || this.#running !== running) return;
    running.cpuMs = usage.cpuMs - running.cpuMsBefore;
    if (usage.memoryMiB > this.#limits.memoryMiB) this.#exceed("memory");
    else if (running.cpuMs > running.mostCpuMs) this.#exceed("processor");
  }

  #exceed(what: Spent): void {
    this.#spent = what;
    this.end();
  }

  #giveUpStart(): void {
    this.#leave(`it was not ready within ${startMs / 1000} s`);
    this.end();
  }

  #beReady(): void {
    this.#starting.stop();
    this.#isReady = true;
    this.#fate.ready();
  }

  /** It gets no further task. */
  #leave(trouble?: string | Error): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#starting.stop();
    this.#fate.gone(trouble === undefined || this.#isReady ? undefined : notStarted(trouble));
    this.#isReady = false;
  }

  #usage(): Promise<Usage | undefined> {
    return this.#gone ? Promise.resolve(undefined) : usageOf(this.#child.pid);
  }

  #hear(message: FromWorker): void {
    const running = this.#running;
    if (this.#ended) return;
    if (message.type === "ready") this.#beReady();
    else if (running === undefined) this.end();
    else if (message.type === "part") running.parts.push(message.part);
    else if (message.type === "done") this.#finish({ type: "done", parts: running.parts });
    else if (message.type === "failed") this.#finish({ type: "failed", failure: fromWire(message.failure) });
    else if (message.type === "question") void this.#answer(running, message.id, message.question);
    else this.#finish({ type: "failed", failure: garbled() });
  }

  async #answer({ tree }: Running, id: number, question: TreeQuestion): Promise<void> {
    try {
      this.#send({ type: "answer", id, answer: await answerTo(tree, question) });
    } catch (thrown) {
      this.#send({ type: "noAnswer", id, failure: toWire(thrown) });
    }
  }

  #send(message: ToWorker): void {
    // One that is gone says so by its exit.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #finish(ended: Answer | Cut): void {
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
