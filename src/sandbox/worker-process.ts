import type { ChildProcess } from "node:child_process";
import { type Alarm, after, reportBug } from "../clock/index.ts";
import { Failure } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import { answerTo } from "./asked-tree.ts";
import { startWorker, type WorkerLimits } from "./start-worker.ts";
import type { Task } from "./tasks.ts";
import { type Usage, usageOf } from "./usage.ts";
import { type FromWorker, fromWire, garbled, type ToWorker, type TreeQuestion, toWire } from "./wire.ts";

/** How a task ended in a worker. */
export type Ended =
  | { readonly type: "done"; readonly parts: readonly unknown[]; readonly cpuMs: number }
  | { readonly type: "failed"; readonly failure: Failure }
  /** It took more than it may, and its worker was ended with it. */
  | { readonly type: "spent"; readonly what: Spent }
  /** It was given up. */
  | { readonly type: "stopped" };

/** What a task took too much of. */
export type Spent = "processor" | "time" | "memory";

/** What a task may take. */
export interface TaskLimits extends WorkerLimits {
  /** Of the processor: how busy the machine is with others makes no difference. Where the system does not tell it: nothing. */
  readonly cpuMs: number;
  /** By the clock, for what waits as well. */
  readonly deadlineMs: number;
}

interface Running {
  readonly tree: FileTree;
  readonly parts: unknown[];
  readonly done: PromiseWithResolvers<Finished>;
  readonly started: number;
  readonly cpuMsBefore: number;
  readonly timer: Alarm;
}

/** As it is heard of: what it took is asked afterwards. */
type Finished = Exclude<Ended, { readonly type: "done" }> | Omit<Extract<Ended, { readonly type: "done" }>, "cpuMs">;

/** Why a worker is not there that was ended before it was. */
const wasEnded = "it was ended";

/** Programs and libraries, and what buffers hold outside the heap, stand beside the heap. */
const besideHeapMiB = 192;
/** Starting takes half a second on a slow machine. */
const startMs = 60_000;

/** How a worker is started. */
export type StartWorker = (limits: WorkerLimits) => ChildProcess;

/** One worker: a process that does one task after the other until one of them takes too much. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #limits: TaskLimits;
  readonly #ready = Promise.withResolvers<string | undefined>();
  #running: Running | undefined;
  #spent: Spent | undefined;
  #ended = false;
  #gone = false;
  readonly #onGone: () => void;

  constructor(limits: TaskLimits, onGone: () => void, start: StartWorker = startWorker) {
    this.#limits = limits;
    this.#onGone = onGone;
    this.#child = start(limits);
    const tooLate = () => {
      this.#ready.resolve(`it was not there within ${startMs / 1000} s`);
      this.end();
    };
    const starting = after(startMs, tooLate, reportBug);
    this.#ready.promise.then(() => starting.stop());
    // Narrowed by its `type` here, by `fromWire` and by whoever asked for the parts.
    this.#child.on("message", (message: FromWorker) => this.#hear(message));
    const gone = (how: unknown, by?: unknown) => {
      if (this.#gone) return;
      this.#gone = true;
      this.#ready.resolve(how instanceof Error ? how.message : `it ended with ${by ?? how}`);
      this.#finish({ type: "spent", what: this.#spent ?? "memory" });
      onGone();
    };
    this.#child.on("exit", gone);
    this.#child.on("error", gone);
  }

  /** Since when the task at hand is at work, by the monotonic clock; undefined where there is none. */
  get busySince(): number | undefined {
    return this.#running?.started;
  }

  /** Does a task. Throws `Failure` (Bug) where the worker does not start. */
  async run(task: Task, tree: FileTree): Promise<Ended> {
    const trouble = await this.#ready.promise;
    if (trouble === wasEnded) return { type: "stopped" };
    if (trouble !== undefined) throw notStarted(trouble);
    const done = Promise.withResolvers<Finished>();
    const cpuMsBefore = (await this.#usage())?.cpuMs ?? 0;
    if (this.#ended) return { type: "stopped" };
    if (this.#gone) throw notStarted("it ended before it got its task");
    const timer = after(this.#limits.deadlineMs, () => this.#exceed("time"), reportBug);
    const running = { tree, parts: [], done, started: performance.now(), cpuMsBefore, timer };
    this.#running = running;
    this.#send({ type: "task", task });
    const ended = await done.promise;
    const usage = await this.#usage();
    if (usage !== undefined && this.#isWornOut(usage)) this.#retire();
    if (ended.type !== "done") return ended;
    return { ...ended, cpuMs: usage === undefined ? performance.now() - running.started : usage.cpuMs - cpuMsBefore };
  }

  /** Ends it at once, whatever it does. What it says from then on is not heard. */
  end(): void {
    this.#ended = true;
    this.#ready.resolve(wasEnded);
    this.#child.kill("SIGKILL");
  }

  /** Ends it where the task at hand took too much of the processor, or its memory grew beyond what its heap explains. */
  async watch(): Promise<void> {
    const running = this.#running;
    const usage = await this.#usage();
    // Meanwhile it may have come to another task, which answers for nothing that this one did.
    if (running === undefined || usage === undefined || this.#running !== running) return;
    if (usage.memoryMiB > this.#mostMemoryMiB) this.#exceed("memory");
    else if (usage.cpuMs - running.cpuMsBefore > this.#limits.cpuMs) this.#exceed("processor");
  }

  get #mostMemoryMiB(): number {
    return this.#limits.heapMiB + besideHeapMiB;
  }

  /** What one task left behind is not to be the next one's fault. */
  #isWornOut({ memoryMiB }: Usage): boolean {
    return memoryMiB > this.#mostMemoryMiB / 2;
  }

  #exceed(what: Spent): void {
    this.#spent = what;
    this.end();
  }

  /** It gets no further task. */
  #retire(): void {
    this.#onGone();
    this.end();
  }

  #usage(): Promise<Usage | undefined> {
    return this.#gone ? Promise.resolve(undefined) : usageOf(this.#child.pid);
  }

  #hear(message: FromWorker): void {
    const running = this.#running;
    if (this.#ended) return;
    if (message.type === "ready") this.#ready.resolve(undefined);
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

  #finish(ended: Finished): void {
    const running = this.#running;
    this.#running = undefined;
    if (running === undefined) return;
    running.timer.stop();
    running.done.resolve(ended);
  }
}

function notStarted(trouble: string): Failure {
  return new Failure("Bug", {
    message: `a worker for what tenants supply could not be started: ${trouble}`,
    hint: "the agent starts Node itself a second time: see that it may make processes",
  });
}
