import { type Alarm, after, reportBug } from "../../clock/index.ts";

/** An alarm clock with one sleeper. Alarms do not add up: the earliest one wakes. */
export interface Wakeup {
  now(): void;
  /** Wakes after so many milliseconds, unless something wakes before. */
  in(ms: number): void;
  /** Resolves at the next alarm, at once if there was one since the last time. Alarms set before are off then. */
  wait(): Promise<void>;
}

const longestMs = 2 ** 31 - 1;

/** A clock without an alarm. */
export function createWakeup(): Wakeup {
  let alarm = Promise.withResolvers<void>();
  let timer: Alarm | undefined;
  let due = Number.POSITIVE_INFINITY;
  const off = () => {
    timer?.stop();
    due = Number.POSITIVE_INFINITY;
  };
  return {
    now: () => alarm.resolve(),
    in(ms) {
      // Not by the time of day: a step of that must not put an alarm off.
      const at = performance.now() + ms;
      if (at >= due) return;
      off();
      due = at;
      timer = after(Math.min(ms, longestMs), () => alarm.resolve(), reportBug);
    },
    async wait() {
      await alarm.promise;
      off();
      alarm = Promise.withResolvers<void>();
    },
  };
}
