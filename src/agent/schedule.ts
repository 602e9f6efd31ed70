import { CronTime } from "cron";
import { milliseconds } from "../api/duration.ts";
import type { ScheduleWindow } from "../api/rollout-spec.ts";
import { Failure } from "../model/failure.ts";

/** Whether new revisions may roll out, and if not, when the next window opens. */
export type Opening = { readonly open: true } | { readonly open: false; readonly next: Date };

/**
 * Looks a time up in the windows. No windows at all means always. Each window opens by its cron expression (five fields, in
 * its time zone, UTC where none is given) and stays open for its duration, over a change of daylight saving too. Throws
 * `Failure` (SpecInvalid) naming an expression or a time zone that cannot be read.
 */
export function lookUp(windows: readonly ScheduleWindow[], now: Date): Opening {
  if (windows.length === 0) return { open: true };
  const openings = windows.map((window, index) => {
    const opens = cronTime(window, index);
    const zone = window.timeZone ?? "UTC";
    const after = (time: number) => opens.getNextDateFrom(new Date(time), zone).toJSDate();
    const open = after(now.getTime() - milliseconds(window.duration)) <= now;
    return { open, next: after(now.getTime()) };
  });
  if (openings.some(({ open }) => open)) return { open: true };
  return { open: false, next: new Date(Math.min(...openings.map(({ next }) => next.getTime()))) };
}

function cronTime({ allow, timeZone = "UTC" }: ScheduleWindow, index: number): CronTime {
  try {
    return new CronTime(allow, timeZone);
  } catch (cause) {
    throw new Failure(
      "SpecInvalid",
      {
        field: `spec.schedule[${index}]`,
        message: `"${allow}" in time zone ${timeZone} is not a cron expression that can be read`,
        hint: 'write it as "0 8 * * 1-5", with a time zone such as Europe/Berlin',
      },
      { cause },
    );
  }
}
