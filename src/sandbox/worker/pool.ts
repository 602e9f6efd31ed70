import { reportBug, soon } from "../../clock/index.ts";
import type { Failure } from "../../model/failure.ts";
import { notStarted, type StartWorker, type TaskLimits, WorkerProcess } from "./process.ts";

/** Whom the pool tells of its workers. */
export interface PoolEvents {
  /** A worker became ready, or one is gone. */
  readonly changed: () => void;
  /** A worker could not be started. */
  readonly failed: (trouble: Failure) => void;
}

/** The workers of one lane: those that start, those that are ready, and those that work. */
export class WorkerPool {
  readonly #limits: TaskLimits;
  readonly #start: StartWorker | undefined;
  readonly #events: PoolEvents;
  /** The oldest first. */
  readonly #workers = new Set<WorkerProcess>();

  constructor(limits: TaskLimits, events: PoolEvents, start?: StartWorker) {
    this.#limits = limits;
    this.#events = events;
    this.#start = start;
  }

  /** How many there are, those that start included. */
  get size(): number {
    return this.#workers.size;
  }

  /** One that is ready and none of the busy ones: the oldest, which is warm. */
  free(busy: ReadonlySet<WorkerProcess | undefined>): WorkerProcess | undefined {
    return [...this.#workers].find((worker) => worker.isReady && !busy.has(worker));
  }

  /** Starts one more. */
  start(): void {
    let worker: WorkerProcess | undefined;
    const gone = (trouble?: Failure) => {
      if (worker !== undefined) this.#workers.delete(worker);
      if (trouble === undefined) this.#events.changed();
      else this.#events.failed(trouble);
    };
    try {
      worker = new WorkerProcess(this.#limits, { ready: this.#events.changed, gone }, this.#start);
      this.#workers.add(worker);
    } catch (thrown) {
      // A system without memory says so at once.
      soon(() => gone(notStarted(thrown)), reportBug);
    }
  }

  /** Ends all but so many, which are the oldest. */
  endBeyond(keep: number): void {
    for (const worker of [...this.#workers].slice(keep)) worker.end();
  }
}
