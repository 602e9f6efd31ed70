import { type Alarm, after, type LooseAlarm, reportBug } from "../../clock/index.ts";
import type { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { WorkerPool } from "../worker/pool.ts";
import {
  notStarted,
  type StartWorker,
  type TaskLimits,
  type TaskOutcome,
  type TaskTime,
  type WorkerProcess,
} from "../worker/process.ts";
import type { Task } from "../worker/tasks.ts";
import { nextJob, type Owner, ownerKey } from "./fair-queue.ts";

/** A task and its owner. */
export interface Job {
  readonly owner: Owner;
  readonly task: Task;
  readonly tree: FileTree;
  /** Its limits, where they are below those of the lane. */
  readonly atMost?: TaskTime;
}

/** The options of a lane. */
export interface LaneOptions extends TaskLimits {
  /** Idle workers that are kept. */
  readonly keep: number;
  /** The most workers. Where idle ones are kept, one more than are busy is ready for the next task. */
  readonly most: number;
  /** How many inputs of an owner exceeded their limits; such an owner gives way to the others. */
  readonly overruns: (owner: Owner) => number;
  /** A cancelled task runs to its end all the same, for that is near, and shows how much the task takes. */
  readonly finishesCancelled?: boolean;
  /** Called with the outcome of every task that ran to its end. */
  readonly ended?: (job: Job, ended: TaskOutcome) => void;
  readonly start?: StartWorker;
}

interface Entry extends Job {
  /** When it was queued, by the monotonic clock. */
  readonly since: number;
  readonly ended: PromiseWithResolvers<TaskOutcome>;
  worker?: WorkerProcess;
  /** Its worker was ended: another task needs it, or nobody waits for this one any more. */
  interrupted?: boolean;
  /** Nobody waits for it any more. */
  cancelled?: boolean;
  /** How many workers ended before they began with it. */
  lost?: number;
}

/** A task that is cancelled sooner after it began runs to its end, which is probably near. */
const soonOverMs = 250;
/** So long, by the clock, a cancelled task may go on in a lane with `finishesCancelled`; a longer one exceeded its limits. */
const finishMs = 2_000;
const tickMs = 100;
const idleMs = 30_000;
/**
 * So long a task gives way to others because of overruns of its owner. Then it is a task like any other: else it would starve
 * while anybody else has tasks, and its owner would never learn what is wrong with it.
 */
const giveWayMs = 30_000;
/** A task fails once more workers than this ended before they began with it. */
const mostLost = 3;

/** Workers with the same limits, and the queue of tasks for them. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #waiting = new Set<Entry>();
  readonly #working = new Set<Entry>();
  readonly #workers: WorkerPool;
  readonly #lastServed = new Map<string, number>();
  #served = 0;
  #ticking: Alarm | undefined;
  #idle: LooseAlarm | undefined;
  #closed = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    const changed = () => this.#pump();
    this.#workers = new WorkerPool(
      options,
      { changed, failed: (trouble) => this.#rejectWaiting(trouble) },
      options.start,
    );
  }

  /** Queues a job and runs it. Throws `Failure` (Bug) where no worker can be started. */
  async run(job: Job, signal?: AbortSignal): Promise<TaskOutcome> {
    const entry: Entry = { ...job, since: performance.now(), ended: Promise.withResolvers<TaskOutcome>() };
    const cancel = () => this.#cancel(entry);
    if (this.#closed || signal?.aborted === true) return { type: "stopped" };
    signal?.addEventListener("abort", cancel, { once: true });
    this.#waiting.add(entry);
    this.#pump();
    try {
      return await entry.ended.promise;
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  /** Cancels everything, and ends the workers. */
  close(): void {
    this.#closed = true;
    for (const entry of [...this.#waiting, ...this.#working]) this.#cancel(entry);
    this.#workers.endBeyond(0);
  }

  /** Assigns tasks to free workers, and keeps enough of these. */
  #pump(): void {
    if (this.#closed) return;
    for (;;) {
      const worker = this.#freeWorker();
      const entry = worker === undefined ? undefined : this.#next();
      if (entry === undefined || worker === undefined) break;
      this.#waiting.delete(entry);
      void this.#work(entry, worker);
    }
    this.#preempt();
    this.#ensureWorkers();
    this.#tick();
    this.#scheduleIdle();
  }

  /**
   * Starts a worker where one is missing. One takes longer to start than most tasks take, so a task waits for whichever is
   * free first; and while all are busy, one more is started for the next task.
   */
  #ensureWorkers(): void {
    const { keep, most } = this.#options;
    const isNeeded = (keep > 0 && this.#working.size > 0) || this.#next() !== undefined;
    if (isNeeded && this.#workers.size < Math.min(most, this.#working.size + 1)) this.#workers.start();
  }

  /** One task of an owner runs at a time. */
  #next(): Entry | undefined {
    const busy = new Set([...this.#working].map(({ owner }) => ownerKey(owner)));
    const ready = [...this.#waiting].filter(({ owner }) => !busy.has(ownerKey(owner)));
    return nextJob(ready, {
      working: (namespace) => [...this.#working].filter(({ owner }) => owner.namespace === namespace).length,
      lastServed: (key) => this.#lastServed.get(key) ?? 0,
      overruns: (entry) => this.#overrunsOf(entry),
    });
  }

  /** Its overruns, as far as they still count for this task. */
  #overrunsOf({ owner, since }: Entry): number {
    return performance.now() - since > giveWayMs ? 0 : this.#options.overruns(owner);
  }

  #freeWorker(): WorkerProcess | undefined {
    return this.#workers.free(new Set([...this.#working].map(({ worker }) => worker)));
  }

  /**
   * Rejects the tasks that wait, as no worker can be started. While others run, starting is retried at the next tick: at once
   * would be a busy loop, and keep a system that is short of processes from ending any.
   */
  #rejectWaiting(trouble: Failure): void {
    if (this.#workers.size + this.#working.size > 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { ended } of waiting) ended.reject(trouble);
  }

  async #work(entry: Entry, worker: WorkerProcess): Promise<void> {
    entry.worker = worker;
    this.#working.add(entry);
    this.#served += 1;
    this.#lastServed.set(entry.owner.namespace, this.#served).set(ownerKey(entry.owner), this.#served);
    try {
      this.#onEnded(entry, await worker.run(entry.task, entry.tree, entry.atMost));
    } catch (thrown) {
      entry.ended.reject(thrown);
    } finally {
      this.#working.delete(entry);
      this.#pump();
    }
  }

  #onEnded(entry: Entry, ended: TaskOutcome): void {
    if (ended.type === "stopped") entry.lost = (entry.lost ?? 0) + 1;
    else if (entry.interrupted !== true) this.#options.ended?.(entry, ended);
    const wasLost = ended.type === "stopped" || (entry.interrupted === true && ended.type === "exceeded");
    entry.interrupted = false;
    if (!wasLost || entry.cancelled === true) entry.ended.resolve(ended);
    else if ((entry.lost ?? 0) > mostLost) entry.ended.reject(notStarted("several ended before they were ready"));
    else this.#waiting.add(entry);
  }

  /** Ends idle workers after a while, but for those that are kept. */
  #scheduleIdle(): void {
    if (this.#waiting.size + this.#working.size > 0) {
      this.#idle?.stop();
      this.#idle = undefined;
      return;
    }
    this.#lastServed.clear();
    if (this.#idle !== undefined || this.#workers.size <= this.#options.keep) return;
    const end = () => {
      this.#idle = undefined;
      this.#workers.endBeyond(this.#options.keep);
    };
    this.#idle = after(idleMs, end, reportBug);
    this.#idle.loosen();
  }

  /** Preempts a task of an owner with overruns for one of an owner without. */
  #preempt(): void {
    if (this.#working.size < this.#options.most) return;
    const busy = new Set([...this.#working].map(({ owner }) => ownerKey(owner)));
    const isKeptWaiting = ({ owner }: Entry) => this.#options.overruns(owner) === 0 && !busy.has(ownerKey(owner));
    const leaving = [...this.#working].filter(({ interrupted }) => interrupted === true).length;
    if ([...this.#waiting].filter(isKeptWaiting).length <= leaving) return;
    const worst = [...this.#working].find((entry) => entry.interrupted !== true && this.#overrunsOf(entry) > 0);
    if (worst?.worker === undefined) return;
    worst.interrupted = true;
    worst.worker.end();
  }

  #cancel(entry: Entry): void {
    this.#waiting.delete(entry);
    entry.cancelled = true;
    entry.ended.resolve({ type: "stopped" });
    this.#endCancelled(entry, performance.now());
  }

  /** Ends a cancelled task with its worker, but not one that is about to end by itself: that keeps the worker. */
  #endCancelled(entry: Entry, now: number): void {
    const since = entry.worker?.busySince;
    const isCancelled = entry.cancelled === true && entry.interrupted !== true && this.#working.has(entry);
    const { finishesCancelled = false } = this.#options;
    if (!isCancelled || since === undefined || now - since <= (finishesCancelled ? finishMs : soonOverMs)) return;
    entry.interrupted = !finishesCancelled;
    entry.worker?.end();
  }

  /** While tasks run: measures those that take long. */
  #tick(): void {
    if (this.#working.size === 0 || this.#ticking !== undefined) return;
    const look = () => {
      this.#ticking = undefined;
      const now = performance.now();
      for (const entry of this.#working) {
        if (now - (entry.worker?.busySince ?? now) > tickMs) void entry.worker?.watch();
        this.#endCancelled(entry, now);
      }
      this.#pump();
    };
    this.#ticking = after(tickMs, look, reportBug);
  }
}
