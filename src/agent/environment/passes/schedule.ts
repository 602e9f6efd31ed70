import { CronTime } from "cron";
import { milliseconds } from "../../../api/duration.ts";
import type { ScheduleWindow } from "../../../api/environment/rollout-spec.ts";
import { createPace } from "../../../clock/index.ts";
import { Failure } from "../../../model/failure.ts";

/** Whether new revisions may roll out, and if not, when the next window opens. */
export type Opening = { readonly open: true } | { readonly open: false; readonly next: Date };

/**
 * Finds a time in the windows. No windows at all means always. Each window opens by its cron expression (five fields, in
 * its time zone, UTC where none is given) and stays open for its duration, over a change of daylight saving too. Throws
 * `Failure` (SpecInvalid) naming an expression or a time zone that cannot be read, or that has no date in years. To find a
 * date far away takes time, so the event loop is free between windows.
 */
export async function lookUp(windows: readonly ScheduleWindow[], now: Date): Promise<Opening> {
  const pace = createPace();
  let open = windows.length === 0;
  let next = Number.POSITIVE_INFINITY;
  for (const [index, window] of windows.entries()) {
    const after = openingsOf(window, index);
    open ||= after(now.getTime() - milliseconds(window.duration)) <= now.getTime();
    next = Math.min(next, after(now.getTime()));
    await pace();
  }
  return open ? { open } : { open, next: new Date(next) };
}

/** When a window opens next after a time; both in milliseconds since the epoch. */
function openingsOf(window: ScheduleWindow, index: number): (time: number) => number {
  const { allow, timeZone = "UTC" } = window;
  const written = `"${allow}" in time zone ${timeZone}`;
  const opens = orRefuse(index, () => new CronTime(allow, timeZone), {
    message: `${written} is not a cron expression that can be read`,
    hint: 'write it as "0 8 * * 1-5", with a time zone such as Europe/Berlin',
  });
  return (time) =>
    orRefuse(index, () => opens.getNextDateFrom(new Date(time), timeZone).toMillis(), {
      message: `${written} matches no date in the next eight years, so the window would never open`,
      hint: "choose a day that exists in that month, or remove the window",
    });
}

/** Whatever cron throws is about the expression. */
function orRefuse<T>(index: number, work: () => T, problem: { readonly message: string; readonly hint: string }): T {
  try {
    return work();
  } catch (cause) {
    throw new Failure("SpecInvalid", { field: `spec.schedule[${index}]`, ...problem }, { cause });
  }
}
