import { type Alarm, after, reportBug } from "../clock/index.ts";
import type { FileTree } from "../model/file-tree.ts";
import { nextTurn, type Owner, ownerKey } from "./queue.ts";
import type { Task } from "./tasks.ts";
import { type Ended, type StartWorker, type TaskLimits, WorkerProcess } from "./worker-process.ts";

/** A task and whom it is for. */
export interface Job {
  readonly owner: Owner;
  readonly task: Task;
  readonly tree: FileTree;
}

/** How a lane is laid out. */
export interface LaneOptions extends TaskLimits {
  /** So many workers stay while nothing is to be done. */
  readonly keep: number;
  /** So many there are at most. Where some are kept, one more than are at work is ready for whoever comes next. */
  readonly most: number;
  /** How often an owner took too much; who did gives way to who did not. */
  readonly offences: (owner: Owner) => number;
  readonly start?: StartWorker;
}

interface Entry extends Job {
  /** When it came, by the monotonic clock. */
  readonly since: number;
  readonly ended: PromiseWithResolvers<Ended>;
  worker?: WorkerProcess;
  /** It made way for another, and is to be done again. */
  displaced?: boolean;
  /** Nobody waits for it any more. */
  givenUp?: boolean;
}

/** A task that takes longer gets a worker beside it for those who wait. */
const slowMs = 250;
const tickMs = 100;
const idleMs = 30_000;
/**
 * So long a task makes way for others because of what its owner did before. Then it is a task like any other: it would not
 * be done as long as anybody else has something to do, and its owner would never be told what is wrong with it.
 */
const waysMs = 30_000;

/** Workers of one kind, and the tasks that wait for them. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #waiting = new Set<Entry>();
  readonly #working = new Set<Entry>();
  readonly #workers = new Set<WorkerProcess>();
  readonly #lastTurns = new Map<string, number>();
  #turn = 0;
  #ticking: Alarm | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  /** Does a job when it is its turn. Throws `Failure` (Bug) where no worker can be started. */
  async run(job: Job, signal?: AbortSignal): Promise<Ended> {
    const entry: Entry = { ...job, since: performance.now(), ended: Promise.withResolvers<Ended>() };
    const giveUp = () => this.#giveUp(entry);
    if (signal?.aborted === true) return { type: "stopped" };
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
    for (const entry of [...this.#waiting, ...this.#working]) this.#giveUp(entry);
    for (const worker of this.#workers) worker.end();
    this.#workers.clear();
  }

  /** Starts whatever can be started. */
  #pump(): void {
    for (;;) {
      const entry = this.#next();
      const worker = entry === undefined ? undefined : this.#freeWorker();
      if (entry === undefined || worker === undefined) break;
      this.#waiting.delete(entry);
      void this.#work(entry, worker);
    }
    this.#displace();
    this.#spare();
    this.#tick();
  }

  /** While all are at work, one more is made ready for whoever comes next: to start takes longer than most tasks. */
  #spare(): void {
    const { keep, most } = this.#options;
    if (keep > 0 && this.#working.size > 0 && this.#workers.size === this.#working.size && this.#workers.size < most) {
      this.#newWorker();
    }
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
    return performance.now() - since > waysMs ? 0 : this.#options.offences(owner);
  }

  #freeWorker(): WorkerProcess | undefined {
    const busy = new Set([...this.#working].map(({ worker }) => worker));
    const free = [...this.#workers].find((worker) => !busy.has(worker));
    if (free !== undefined) return free;
    const now = performance.now();
    const slow = [...this.#working].filter(({ worker }) => now - (worker?.busySince ?? now) > slowMs).length;
    if (this.#workers.size >= Math.min(this.#options.most, 1 + slow)) return undefined;
    return this.#newWorker();
  }

  #newWorker(): WorkerProcess {
    const worker: WorkerProcess = new WorkerProcess(
      this.#options,
      () => this.#workers.delete(worker),
      this.#options.start,
    );
    this.#workers.add(worker);
    return worker;
  }

  async #work(entry: Entry, worker: WorkerProcess): Promise<void> {
    entry.worker = worker;
    this.#working.add(entry);
    this.#turn += 1;
    this.#lastTurns.set(entry.owner.namespace, this.#turn).set(ownerKey(entry.owner), this.#turn);
    try {
      const ended = await worker.run(entry.task, entry.tree);
      if (entry.displaced === true && entry.givenUp !== true && (ended.type === "spent" || ended.type === "stopped")) {
        entry.displaced = false;
        this.#waiting.add(entry);
      } else entry.ended.resolve(ended);
    } catch (thrown) {
      entry.ended.reject(thrown);
    } finally {
      this.#working.delete(entry);
      this.#rest(worker);
      this.#pump();
    }
  }

  /** A worker that nobody needs for a while ends, but for those that are kept. */
  #rest(worker: WorkerProcess): void {
    const check = () => {
      const busy = [...this.#working].some((entry) => entry.worker === worker);
      if (!busy && this.#workers.size > this.#options.keep) {
        this.#workers.delete(worker);
        worker.end();
      }
    };
    after(idleMs, check, reportBug).loosen();
    if (this.#waiting.size === 0 && this.#working.size === 0) this.#lastTurns.clear();
  }

  /** Who took too much before makes way for who did not. */
  #displace(): void {
    if (this.#working.size < this.#options.most) return;
    const busy = new Set([...this.#working].map(({ owner }) => ownerKey(owner)));
    const isKeptWaiting = ({ owner }: Entry) => this.#options.offences(owner) === 0 && !busy.has(ownerKey(owner));
    const leaving = [...this.#working].filter(({ displaced }) => displaced === true).length;
    if ([...this.#waiting].filter(isKeptWaiting).length <= leaving) return;
    const worst = [...this.#working].find((entry) => entry.displaced !== true && this.#offencesOf(entry) > 0);
    if (worst?.worker === undefined) return;
    worst.displaced = true;
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
    if (entry.givenUp !== true || !this.#working.has(entry)) return;
    if (since !== undefined && now - since > slowMs) entry.worker?.end();
  }

  /** While somebody works: looks whether it takes long, and how much. */
  #tick(): void {
    if (this.#working.size === 0 || this.#ticking !== undefined) return;
    const look = () => {
      this.#ticking = undefined;
      const now = performance.now();
      for (const entry of this.#working) {
        const { worker } = entry;
        if (now - (worker?.busySince ?? now) > tickMs) void worker?.watch();
        this.#endIdle(entry, now);
      }
      this.#pump();
    };
    this.#ticking = after(tickMs, look, reportBug);
  }
}
