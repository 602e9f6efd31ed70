import { type Alarm, after, reportBug } from "../../clock/index.ts";

/** When the next pass is due. Requests do not add up: the earliest one counts. */
export interface Requeue {
  /** Makes it due now. */
  now(): void;
  /** Makes it due in so many milliseconds, unless it is due before. */
  in(ms: number): void;
  /** Resolves when a pass is due, at once where one came due since the last time. What was requested before is void then. */
  due(): Promise<void>;
}

/** The longest time that a timer can be set to. */
const longestMs = 2 ** 31 - 1;

/** Nothing is due. */
export function createRequeue(): Requeue {
  let next = Promise.withResolvers<void>();
  let timer: Alarm | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  const reset = () => {
    timer?.stop();
    dueAt = Number.POSITIVE_INFINITY;
  };
  return {
    now: () => next.resolve(),
    in(ms) {
      // Not by the time of day: when that is set, nothing may be put off.
      const at = performance.now() + ms;
      if (at >= dueAt) return;
      reset();
      dueAt = at;
      timer = after(Math.min(ms, longestMs), () => next.resolve(), reportBug);
    },
    async due() {
      await next.promise;
      reset();
      next = Promise.withResolvers<void>();
    },
  };
}
