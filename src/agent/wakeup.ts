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
  let timer: NodeJS.Timeout | undefined;
  let due = Number.POSITIVE_INFINITY;
  const off = () => {
    clearTimeout(timer);
    due = Number.POSITIVE_INFINITY;
  };
  return {
    now: () => alarm.resolve(),
    in(ms) {
      const at = Date.now() + ms;
      if (at >= due) return;
      off();
      due = at;
      timer = setTimeout(() => alarm.resolve(), Math.min(ms, longestMs));
    },
    async wait() {
      await alarm.promise;
      off();
      alarm = Promise.withResolvers<void>();
    },
  };
}
