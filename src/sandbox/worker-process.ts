import type { ChildProcess } from "node:child_process";
import { readFile } from "node:fs/promises";
import { type Alarm, after, reportBug } from "../clock/index.ts";
import { Failure } from "../model/failure.ts";
import type { FileTree } from "../model/file-tree.ts";
import { answerTo } from "./asked-tree.ts";
import { startWorker, type WorkerLimits } from "./start-worker.ts";
import type { Task } from "./tasks.ts";
import { type FromWorker, fromWire, garbled, type ToWorker, type TreeQuestion, toWire } from "./wire.ts";

/** How a task ended in a worker. */
export type Ended =
  | { readonly type: "done"; readonly parts: readonly unknown[] }
  | { readonly type: "failed"; readonly failure: Failure }
  /** It took more than it may, and its worker was ended with it. */
  | { readonly type: "spent"; readonly what: "time" | "memory" }
  /** It was given up. */
  | { readonly type: "stopped" };

/** What a task may take. */
export interface TaskLimits extends WorkerLimits {
  readonly deadlineMs: number;
}

interface Running {
  readonly tree: FileTree;
  readonly parts: unknown[];
  readonly done: PromiseWithResolvers<Ended>;
  readonly started: number;
  readonly timer: Alarm;
}

/** Why a worker is not there that was ended before it was. */
const wasEnded = "it was ended";

/** Programs and libraries, and what buffers hold outside the heap, stand beside the heap. */
const besideHeapMiB = 192;
/** Starting takes half a second on a slow machine. */
const startMs = 60_000;

/** One worker: a process that does one task after the other until one of them takes too much. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #limits: TaskLimits;
  readonly #ready = Promise.withResolvers<string | undefined>();
  #running: Running | undefined;
  #spent: "time" | undefined;
  #gone = false;

  constructor(limits: TaskLimits, onGone: () => void, start: (limits: WorkerLimits) => ChildProcess = startWorker) {
    this.#limits = limits;
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
      this.#finish(
        this.#running === undefined ? { type: "stopped" } : { type: "spent", what: this.#spent ?? "memory" },
      );
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
    const done = Promise.withResolvers<Ended>();
    const outOfTime = () => {
      this.#spent = "time";
      this.end();
    };
    const timer = after(this.#limits.deadlineMs, outOfTime, reportBug);
    this.#running = { tree, parts: [], done, started: performance.now(), timer };
    this.#send({ type: "task", task });
    return done.promise;
  }

  /** Ends it at once, whatever it does. */
  end(): void {
    this.#ready.resolve(wasEnded);
    this.#child.kill("SIGKILL");
  }

  /** Ends it where its memory has grown beyond what its heap explains: buffers stand outside. Only Linux tells. */
  async watchMemory(): Promise<void> {
    const { pid } = this.#child;
    if (process.platform !== "linux" || pid === undefined || this.#gone) return;
    const pages = await readFile(`/proc/${pid}/statm`, "latin1").then(
      (text) => Number(text.split(" ")[1]),
      () => 0,
    );
    if ((pages * 4096) / 2 ** 20 > this.#limits.heapMiB + besideHeapMiB) this.end();
  }

  #hear(message: FromWorker): void {
    const running = this.#running;
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

  #finish(ended: Ended): void {
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
