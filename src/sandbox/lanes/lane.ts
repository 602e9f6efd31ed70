import { type Alarm, after, type LooseAlarm, reportBug } from "../../clock/index.ts";
import type { Failure } from "../../model/failure.ts";
import type { FileTree } from "../../model/file-tree.ts";
import { WorkerPool } from "../worker/pool.ts";
import {
  type Ended,
  notStarted,
  type StartWorker,
  type TaskLimits,
  type TaskTime,
  type WorkerProcess,
} from "../worker/process.ts";
import type { Task } from "../worker/tasks.ts";
import { nextTurn, type Owner, ownerKey } from "./fair-queue.ts";

/** A task and whom it is for. */
export interface Job {
  readonly owner: Owner;
  readonly task: Task;
  readonly tree: FileTree;
  /** What it may take, where that is less than the lane allows. */
  readonly atMost?: TaskTime;
}

/** How a lane is laid out. */
export interface LaneOptions extends TaskLimits {
  /** So many workers stay while nothing is to be done. */
  readonly keep: number;
  /** So many there are at most. Where some are kept, one more than are at work is ready for whoever comes next. */
  readonly most: number;
  /** How often an owner took too much; who did gives way to who did not. */
  readonly offences: (owner: Owner) => number;
  /** What is given up goes on to its end all the same, for it is near, and tells how much the task takes. */
  readonly finishes?: boolean;
  /** Hears how a task ended that was left to its end. */
  readonly ended?: (job: Job, ended: Ended) => void;
  readonly start?: StartWorker;
}

interface Entry extends Job {
  /** When it came, by the monotonic clock. */
  readonly since: number;
  readonly ended: PromiseWithResolvers<Ended>;
  worker?: WorkerProcess;
  /** Its worker was ended, so that another one has it, or because nobody waits for the task any more. */
  interrupted?: boolean;
  /** Nobody waits for it any more. */
  givenUp?: boolean;
  /** So many workers were gone before they began with it. */
  lost?: number;
}

/** A task that is given up sooner after it began is left to its end, which is probably near. */
const soonOverMs = 250;
/** So long, by the clock, a task that nobody waits for may go on in a lane that `finishes`; a longer one took too much. */
const finishMs = 2_000;
const tickMs = 100;
const idleMs = 30_000;
/**
 * So long a task makes way for others because of what its owner did before. Then it is a task like any other: it would not
 * be done as long as anybody else has something to do, and its owner would never be told what is wrong with it.
 */
const giveWayMs = 30_000;
/** A task that so many workers were lost for is told of it. */
const mostLost = 3;

/** Workers of one kind, and the tasks that wait for them. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #waiting = new Set<Entry>();
  readonly #working = new Set<Entry>();
  readonly #workers: WorkerPool;
  readonly #lastTurns = new Map<string, number>();
  #turn = 0;
  #ticking: Alarm | undefined;
  #idle: LooseAlarm | undefined;
  #closed = false;

  constructor(options: LaneOptions) {
    this.#options = options;
    const changed = () => this.#pump();
    this.#workers = new WorkerPool(options, { changed, failed: (trouble) => this.#refuse(trouble) }, options.start);
  }

  /** Does a job when it is its turn. Throws `Failure` (Bug) where no worker can be started. */
  async run(job: Job, signal?: AbortSignal): Promise<Ended> {
    const entry: Entry = { ...job, since: performance.now(), ended: Promise.withResolvers<Ended>() };
    const giveUp = () => this.#giveUp(entry);
    if (this.#closed || signal?.aborted === true) return { type: "stopped" };
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#waiting.add(entry);
    this.#pump();
    try {
      return await entry.ended.promise;
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  /** Gives everything up. */
  close(): void {
    this.#closed = true;
    for (const entry of [...this.#waiting, ...this.#working]) this.#giveUp(entry);
    this.#workers.endBeyond(0);
  }

  /** Gives tasks to workers that are free, and sees to it that there are enough of these. */
  #pump(): void {
    if (this.#closed) return;
    for (;;) {
      const worker = this.#freeWorker();
      const entry = worker === undefined ? undefined : this.#next();
      if (entry === undefined || worker === undefined) break;
      this.#waiting.delete(entry);
      void this.#work(entry, worker);
    }
    this.#displace();
    this.#staff();
    this.#tick();
    this.#rest();
  }

  /**
   * Starts a worker where one is missing. One takes longer to start than most tasks take, so a task waits for whichever is
   * free first; and while all are at work, one more is made ready for whoever comes next.
   */
  #staff(): void {
    const { keep, most } = this.#options;
    const isNeeded = (keep > 0 && this.#working.size > 0) || this.#next() !== undefined;
    if (isNeeded && this.#workers.size < Math.min(most, this.#working.size + 1)) this.#workers.start();
  }

  /** One task of an owner is at work at a time. */
  #next(): Entry | undefined {
    const busy = new Set([...this.#working].map(({ owner }) => ownerKey(owner)));
    const ready = [...this.#waiting].filter(({ owner }) => !busy.has(ownerKey(owner)));
    return nextTurn(ready, {
      working: (namespace) => [...this.#working].filter(({ owner }) => owner.namespace === namespace).length,
      lastTurn: (key) => this.#lastTurns.get(key) ?? 0,
      offences: (entry) => this.#offencesOf(entry),
    });
  }

  /** As far as they still count for this task. */
  #offencesOf({ owner, since }: Entry): number {
    return performance.now() - since > giveWayMs ? 0 : this.#options.offences(owner);
  }

  #freeWorker(): WorkerProcess | undefined {
    return this.#workers.free(new Set([...this.#working].map(({ worker }) => worker)));
  }

  /**
   * Whoever waits is told that there is nobody to do it. While somebody works it is tried again at the next tick: at once
   * would be in a circle, and keep a system that is short of processes from getting rid of any.
   */
  #refuse(trouble: Failure): void {
    if (this.#workers.size + this.#working.size > 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { ended } of waiting) ended.reject(trouble);
  }

  async #work(entry: Entry, worker: WorkerProcess): Promise<void> {
    entry.worker = worker;
    this.#working.add(entry);
    this.#turn += 1;
    this.#lastTurns.set(entry.owner.namespace, this.#turn).set(ownerKey(entry.owner), this.#turn);
    try {
      this.#hear(entry, await worker.run(entry.task, entry.tree, entry.atMost));
    } catch (thrown) {
      entry.ended.reject(thrown);
    } finally {
      this.#working.delete(entry);
      this.#pump();
    }
  }

  #hear(entry: Entry, ended: Ended): void {
    if (ended.type === "stopped") entry.lost = (entry.lost ?? 0) + 1;
    else if (entry.interrupted !== true) this.#options.ended?.(entry, ended);
    const wasLost = ended.type === "stopped" || (entry.interrupted === true && ended.type === "spent");
    entry.interrupted = false;
    if (!wasLost || entry.givenUp === true) entry.ended.resolve(ended);
    else if ((entry.lost ?? 0) > mostLost) entry.ended.reject(notStarted("several ended before they were ready"));
    else this.#waiting.add(entry);
  }

  /** Workers that nobody needs for a while end, but for those that are kept. */
  #rest(): void {
    if (this.#waiting.size + this.#working.size > 0) {
      this.#idle?.stop();
      this.#idle = undefined;
      return;
    }
    this.#lastTurns.clear();
    if (this.#idle !== undefined || this.#workers.size <= this.#options.keep) return;
    const end = () => {
      this.#idle = undefined;
      this.#workers.endBeyond(this.#options.keep);
    };
    this.#idle = after(idleMs, end, reportBug);
    this.#idle.loosen();
  }

  /** Who took too much before makes way for who did not. */
  #displace(): void {
    if (this.#working.size < this.#options.most) return;
    const busy = new Set([...this.#working].map(({ owner }) => ownerKey(owner)));
    const isKeptWaiting = ({ owner }: Entry) => this.#options.offences(owner) === 0 && !busy.has(ownerKey(owner));
    const leaving = [...this.#working].filter(({ interrupted }) => interrupted === true).length;
    if ([...this.#waiting].filter(isKeptWaiting).length <= leaving) return;
    const worst = [...this.#working].find((entry) => entry.interrupted !== true && this.#offencesOf(entry) > 0);
    if (worst?.worker === undefined) return;
    worst.interrupted = true;
    worst.worker.end();
  }

  #giveUp(entry: Entry): void {
    this.#waiting.delete(entry);
    entry.givenUp = true;
    entry.ended.resolve({ type: "stopped" });
    this.#endIdle(entry, performance.now());
  }

  /** What is done for nobody ends; but what is about to end by itself leaves its worker to others. */
  #endIdle(entry: Entry, now: number): void {
    const since = entry.worker?.busySince;
    const isIdle = entry.givenUp === true && entry.interrupted !== true && this.#working.has(entry);
    const { finishes = false } = this.#options;
    if (!isIdle || since === undefined || now - since <= (finishes ? finishMs : soonOverMs)) return;
    entry.interrupted = !finishes;
    entry.worker?.end();
  }

  /** While somebody works: looks whether it takes long, and how much. */
  #tick(): void {
    if (this.#working.size === 0 || this.#ticking !== undefined) return;
    const look = () => {
      this.#ticking = undefined;
      const now = performance.now();
      for (const entry of this.#working) {
        if (now - (entry.worker?.busySince ?? now) > tickMs) void entry.worker?.watch();
        this.#endIdle(entry, now);
      }
      this.#pump();
    };
    this.#ticking = after(tickMs, look, reportBug);
  }
}
